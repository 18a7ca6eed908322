"""What a URL may ask for that this site has not signed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.errors import BadSignature
from wsgi_placeholder.spec import size_caption

if TYPE_CHECKING:
    from wsgi_placeholder.config import Config
    from wsgi_placeholder.spec import Spec


def restrained(spec: Spec, config: Config) -> Spec:
    """Return what is drawn for a URL without a signature: `spec`, perhaps without its text.

    A text is whatever is not a size. Raises BadSignature where `require_signature` asks for one.
    """
    has_text = bool(spec.text) and not spec.is_size_caption
    width, height = spec.pixels
    for rule in config.require_signature:
        if has_text if rule == "text" else width * height > rule:
            raise BadSignature
    if has_text and not _may_say(spec.text, config.text_policy):
        return spec.replace(text=size_caption(spec.width, spec.height))
    return spec


def _may_say(text: str, policy: str) -> bool:
    if policy in ("any", "signed"):
        return policy == "any"
    return re.fullmatch(policy, text) is not None
