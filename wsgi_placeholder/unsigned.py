"""What a URL may ask for that this site has not signed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.errors import BadSignature
from wsgi_placeholder.spec import size_caption

if TYPE_CHECKING:
    from wsgi_placeholder.config import Config
    from wsgi_placeholder.spec import Spec


_SIDE = r"([0-9]{1,5}(?:\.[0-9]{1,2})?)"
_SIZE = re.compile(f"{_SIDE} ?[x×] ?{_SIDE}", re.ASCII)


def restrained(spec: Spec, config: Config) -> Spec:
    """Return what is drawn for a URL without a signature: `spec`, perhaps without its text.

    A text is whatever is not the picture's own size. Raises BadSignature where `require_signature`
    asks for a signature.
    """
    has_text = bool(spec.text) and not _says_its_size(spec)
    width, height = spec.pixels
    for rule in config.require_signature:
        if has_text if rule == "text" else width * height > rule:
            raise BadSignature
    if has_text and not _may_say(spec.text, config.text_policy):
        return spec.replace(text=size_caption(spec.width, spec.height))
    return spec


def may_echo(config: Config) -> bool:
    """True where a picture of an error may repeat a stranger's words."""
    return config.text_policy == "any" and "text" not in config.require_signature


def _says_its_size(spec: Spec) -> bool:
    """True for a caption of the size, which some services round, or count in device pixels."""
    said = _SIZE.fullmatch(spec.text)
    sizes = (spec.width, spec.height), spec.pixels
    return said is not None and any(
        abs(float(said[1]) - width) <= 1 and abs(float(said[2]) - height) <= 1
        for width, height in sizes
    )


def _may_say(text: str, policy: str) -> bool:
    if policy in ("any", "signed"):
        return policy == "any"
    return re.fullmatch(policy, text) is not None
