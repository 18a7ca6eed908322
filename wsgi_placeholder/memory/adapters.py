"""For frameworks that take no WSGI app as the answer of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webob import Response


def to_django(response: Response, request: Any = None) -> Any:
    """Return a WebOb Response as Django's HttpResponse, or as a StreamingHttpResponse.

    With Django's `request`, HEAD, If-None-Match and Range are answered as everywhere else; without
    it, the answer is the whole file. A stream stays one and is closed when Django closes it.
    """
    # Here, so that the package can be imported where Django is not installed.
    from django.http import HttpResponse, StreamingHttpResponse

    given: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        given[:] = [status, headers]

    # META is the environ under WSGI, and has what we read under ASGI too.
    environ = {"REQUEST_METHOD": "GET"} if request is None else request.META
    body: Iterable[bytes] = response(environ, start_response)
    status, headers = given
    whole = isinstance(body, list) or isinstance(response.app_iter, list)
    kind = HttpResponse if whole else StreamingHttpResponse
    answer = kind(body, status=int(status[:3]), reason=status[4:])
    del answer["Content-Type"]  # Django's own, which a 304 must not have
    for name, value in headers:
        if name.lower() == "set-cookie":
            answer.cookies.load(value)
        else:
            answer[name] = value
    if answer.status_code == 206:  # Django's GZipMiddleware would compress a part as if a whole
        answer.setdefault("Content-Encoding", "identity")
    return answer
