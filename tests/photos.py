"""What the tests of all photo services ask: the Spec or Document of a URL as a page has it."""

from __future__ import annotations

import json
from typing import Any

from wsgi_placeholder import dialects
from wsgi_placeholder.config import Config
from wsgi_placeholder.dialects import Document, native
from wsgi_placeholder.spec import Spec

CONFIG = Config(system_fonts=False)


def spec_of(url: str) -> Spec:
    """Return the Spec, once the native URL of it is found to mean the same."""
    spec = dialects.parse_url(url, CONFIG)
    assert isinstance(spec, Spec)
    assert dialects.parse_url(native.build(spec, CONFIG), CONFIG) == spec
    return spec


def size_of(url: str) -> tuple[int, int]:
    spec = spec_of(url)
    return spec.width, spec.height


def facts_of(url: str, base: str = "/base") -> tuple[dict[str, str], Any]:
    """Return headers and content of a JSON document."""
    document = dialects.parse_url(url, CONFIG)
    assert isinstance(document, Document)
    assert document.media_type == "application/json"
    headers, body = document.make(base)
    return dict(headers), json.loads(body)
