"""The contract of dialects."""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl

from wsgi_placeholder import dialects, registry
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.spec import ALIGNS, Spec
from wsgi_placeholder.testing._given import HOSTILE_TEXTS, config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsgi_placeholder.dialects import Dialect


class DialectContract:
    """For a dialect: whatever the URL, a valid Spec or a PlaceholderError, and soon.

    `urls` are good URLs of the dialect, without prefix and name; hostile ones are made of them.
    """

    urls: ClassVar[Sequence[str]] = (
        "/", "/400", "/600x400", "/600/400", "/600x400/09f/fff.png?text=Hello+World",
        "/640x4:3@2x.webp?font=inter&size=20&border=2,red", "/id/237/200/300?blur=2&grayscale",
        "/seed/abc/200/300.jpg", "/?name=John+Doe&size=64&background=random&rounded=true",
        "/hd1080/transparent?style=flat&align=top-left&quality=5&radius=9&padding=0&weight=bold",
    )  # fmt: skip
    count: ClassVar[int] = 1000
    slowest: ClassVar[float] = 0.05  # CPU seconds

    def requests(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield good and hostile paths and queries, always the same ones."""
        chance = random.Random(0)
        urls = [*self.urls, *(_damaged(chance, self.urls) for _ in range(self.count))]
        for url in urls:
            path, _, query = url[:2048].partition("?")
            yield path, parse_qsl(query, keep_blank_values=True, errors="replace")[:16]

    def test_a_spec_or_a_placeholder_error(self, dialect: Dialect) -> None:
        for path, query in self.requests():
            try:
                found = dialect.parse(path, query, config())
            except PlaceholderError as error:
                _check_error(error)
            else:
                _check_spec(found) if isinstance(found, Spec) else _check_document(found)

    def test_same_url_same_spec(self, dialect: Dialect) -> None:
        assert self._outcomes(dialect) == self._outcomes(dialect)

    def test_never_slow(self, dialect: Dialect) -> None:
        self._outcomes(dialect)  # what loads lazily is loaded
        for path, query in self.requests():
            start = time.thread_time()
            _outcome(dialect, path, query)
            assert time.thread_time() - start < self.slowest, (path, query)

    def _outcomes(self, dialect: Dialect) -> list[tuple[str, str]]:
        return [_outcome(dialect, path, query) for path, query in self.requests()]


def _outcome(dialect: Dialect, path: str, query: list[tuple[str, str]]) -> tuple[str, str]:
    try:
        found = dialect.parse(path, query, config())
        return "found", found.key if isinstance(found, Spec) else repr(found.make("/base"))
    except PlaceholderError as error:
        return error.code, error.sentence


def _check_error(error: PlaceholderError) -> None:
    assert 400 <= error.status < 500
    assert error.sentence.isprintable()
    assert len(error.sentence) < 2000


def _check_document(document: dialects.Document) -> None:
    """A document can be sent: headers are printable ASCII."""
    headers, body = document.make("/base")
    assert isinstance(body, bytes)
    for text in itertools.chain((document.media_type,), *headers):
        assert text.isascii()
        assert text.isprintable()


def _check_spec(spec: Spec) -> None:
    """A Spec that a dialect returns can be rendered: all it names exists, within the limits."""
    defaults = config()
    if spec.format != dialects.AUTO:
        dialects.check_limits(spec, defaults)  # knows only installed formats
    assert spec.style in registry.names("styles")
    assert spec.font in defaults.font_names
    assert spec.align in ALIGNS
    assert 1 <= spec.weight <= 1000
    assert spec.quality is None or 1 <= spec.quality <= 100
    assert len(spec.text) <= defaults.max_text
    assert spec.text.count("\n") < defaults.max_lines
    assert spec.key.isprintable()


def _damaged(chance: random.Random, urls: Sequence[str]) -> str:
    """Return one of `urls` with one to three things done to it that no browser would do."""
    url = chance.choice(urls)
    for _ in range(chance.randint(1, 3)):
        start = chance.randint(0, len(url))
        end = start + chance.choice((0, 1, 3, len(url)))
        piece = url[start:end]
        url = url[:start] + chance.choice(
            (
                "",
                piece * chance.choice((2, 9, 300)),
                chance.choice(HOSTILE_TEXTS) + piece,
                piece + chance.choice(("0", "-1", "007", "٣٠٠", "1e9", "99999", "nan", "1_0", "½")),
                piece + chance.choice("/?&=@.:x×,#;%+|\\{}\x00\n\u202e\ud800"),
                chance.choice("/&=@.:x09%+|\\{ ") * 500 + piece,
                piece.swapcase(),
                piece[::-1],
            )
        ) + url[end:]  # fmt: skip
    return url
