"""No picture of a site is missing: `assert_no_missing_images`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from wsgi_placeholder.middleware import PlaceholderMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsgi_placeholder.missing.report import Missing


@contextlib.contextmanager
def assert_no_missing_images(middleware: PlaceholderMiddleware) -> Iterator[None]:
    """Raise AssertionError at the end of the block when anything was replaced during it.

    The message lists path, size, the rule that told it, and the page, of pictures and of what
    `missing_types` names. `middleware` runs in this process; whoever asks, in whatever thread, must
    have its answers before the block ends. Raises ValueError where the option `missing` is off:
    then nothing is replaced, and nothing would ever be found. Raises TypeError for anything but
    the middleware itself, such as an app that holds it.
    """
    if not isinstance(middleware, PlaceholderMiddleware):
        raise TypeError(
            f"expected the PlaceholderMiddleware itself, got {type(middleware).__name__}; "
            "of a Flask app it is app.wsgi_app, and what else is around it must be left out"
        )
    report = middleware.report
    if report is None:
        raise ValueError("the middleware replaces nothing; give it the option missing=True")
    before = report.total
    yield
    times = report.total - before
    if times:
        lines = "".join([f"\n  {_missing_line(file)}" for file in report.files(since=before)])
        often = "once" if times == 1 else f"{times} times"
        raise AssertionError(f"missing files were replaced {often}:{lines}")


def _missing_line(file: Missing) -> str:
    size = f"{file.width}x{file.height}, " if file.width else ""
    page = f", on {file.pages[0]}" if file.pages else ""
    return f"{file.path} ({size}rule {file.rule}){page}"
