"""The answer of `{prefix}/missing`: the report as a page, as JSON or as a plain list."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from webob.acceptparse import create_accept_header

from wsgi_placeholder.errors import BadParameter, nearest
from wsgi_placeholder.http import request, response
from wsgi_placeholder.missing.report_page import as_html

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from wsgi_placeholder.missing.report import Report

# By the names of `?format=`; the first is for who likes all the same, or none of them.
_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
}
_MOST_QUERY = 512


def report_answer(report: Report, environ: WSGIEnvironment) -> response.Finished:
    """Return the report in the format that the query names, else by Accept.

    A server of several processes hands a request to any of them, so the answer says whose it is.
    Raises BadParameter. Never with CORS headers: what is missing is not for scripts of other sites.
    """
    format = _format(environ)
    process = os.getpid() if environ.get("wsgi.multiprocess") else None
    if format == "html":
        text = as_html(report, process)
    elif format == "json":
        text = report.as_json()
    else:
        text = report.as_text()
    body = text.encode("utf-8", "replace")
    headers: response.Headers = (
        ("Content-Type", _TYPES[format]),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept"),
        ("X-Placeholder", f"report; process={process}" if process else "report"),
        *response.SAFE,
    )
    return response.Finished("200 OK", headers, body)


def _format(environ: WSGIEnvironment) -> str:
    query = parse_qs(environ.get("QUERY_STRING", "")[:_MOST_QUERY], keep_blank_values=True)
    if "format" in query:
        asked: str = query["format"][0].lower()
        if asked not in _TYPES:
            raise BadParameter(
                f"The report has no such format; expected one of {', '.join(_TYPES)}.",
                parameter="format",
                hint=nearest(asked, _TYPES),
            )
        return asked
    # Of those that the client names, for what sends */* too may be a browser or a program.
    named = {media_type.partition(";")[0]: name for name, media_type in _TYPES.items()}
    ranges = create_accept_header(request.header(environ, "Accept") or None).parsed or ()
    liked = [(quality, named[name]) for name, quality, *_ in ranges if quality and name in named]
    return max(liked, key=lambda like: like[0], default=(1, "html"))[1]
