"""What the suites give to plug-ins: texts to draw and parse, and a Config."""

from __future__ import annotations

import functools

from wsgi_placeholder.config import Config

# Texts that have broken layout engines, XML writers, headers or file names somewhere.
HOSTILE_TEXTS = (
    "</text><script>alert(1)</script>", "]]>&amp;&#0;<!--", "\"'><svg onload=x>", "(\\) Tj ET %%",
    "\x00\x01\x0b\x1b[31m\x7f\x85\ufffe\uffff", "a\r\nSet-Cookie: x=1", "\u2028\u2029\r\n\n\n",
    "\ud800 lone \udfff", "\u202eevil\u2066\u200f", "a" + "\u0301" * 300, "אa" * 150, "W" * 5000,
    "\n" * 5000, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "ﷺ" * 50, "क्षि ไทย 漢字 עברית",
    "%s%n{0}{width!r}{__class__}", "../../etc/passwd", "\\" * 99, "{" * 99, " \t\xa0\u3000 ",
)  # fmt: skip


@functools.cache
def config() -> Config:
    return Config(system_fonts=False)
