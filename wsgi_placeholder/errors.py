"""What a client did wrong: one sentence for people, attributes for machines.

Everything a URL or a header can cause is a `PlaceholderError`; a mistake of the programmer is a
`TypeError` or `ValueError` as usual.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class PlaceholderError(Exception):
    """Base of all errors that become an HTTP answer.

    `status` is the HTTP status, `code` a stable word for programs, `parameter` the part of the URL
    that is wrong (or None), `hint` the nearest right spelling (or None).
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"

    def __init__(
        self, detail: str, *, parameter: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.parameter = parameter
        self.hint = hint

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The detail, followed by the hint when there is one."""
        return f"{self.detail} Did you mean {self.hint}?" if self.hint else self.detail


class BadParameter(PlaceholderError):
    """A part of the URL cannot be read."""

    code = "bad-parameter"


class TooLarge(PlaceholderError):
    """The picture, or one of its parts, is above a limit."""

    code = "too-large"


class TooManyParameters(PlaceholderError):
    """The query has more parameters than we look at."""

    code = "too-many-parameters"


class BadSignature(PlaceholderError):
    """The signature is wrong, or there is none where one is required: which, nobody is told."""

    status = 403
    code = "bad-signature"

    def __init__(self) -> None:
        super().__init__("This URL is not signed by this site; expected one that it has built.")


class NotFound(PlaceholderError):
    """The URL asks for a 404 where the service has no picture of its own, and we never have."""

    status = 404
    code = "not-found"


class MethodNotAllowed(PlaceholderError):
    """The method is none of GET, HEAD, OPTIONS."""

    status = 405
    code = "method-not-allowed"


class NotAcceptable(PlaceholderError):
    """Negotiation was asked for and the client accepts no format we can write."""

    status = 406
    code = "not-acceptable"


class UriTooLong(PlaceholderError):
    """Path and query together are above the limit."""

    status = 414
    code = "uri-too-long"


class Busy(PlaceholderError):
    """The process renders as much as it may; the client should come back."""

    status = 503
    code = "busy"


def nearest(value: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to `value`, or None if none is close."""
    found = difflib.get_close_matches(value.lower()[:64], list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def quoted(value: str) -> str:
    """Return `value` for use in an error sentence: short printable ASCII, or no echo at all."""
    return f"“{value}”" if echoable(value) else "the given value"


def echoable(value: str) -> bool:
    """True for what an answer may repeat: nobody can say much in 32 printable ASCII characters."""
    return 0 < len(value) <= 32 and value.isascii() and value.isprintable()
