"""The WSGI apps that gunicorn serves for the benchmarks, each under its own name."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.middleware import not_found

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

URL = "/placeholder/600x400"


def page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]


wrapped = PlaceholderMiddleware(page)


def _answer() -> tuple[list[tuple[str, str]], bytes]:
    got: list[list[tuple[str, str]]] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": URL}
    body = b"".join(wrapped(environ, lambda _, headers: got.append(headers)))  # type: ignore
    return got[0], body


_headers, _body = _answer()
ETAG = dict(_headers)["ETag"]


def bare(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The same bytes with the same headers, and nothing else at all."""
    start_response("200 OK", list(_headers))
    return [_body]


_ITEM = b'    <li><a class="facts__link" href="/facts/%d/%d/">Sed do eiusmod</a></li>\n'
_CARD = b"""  <article class="card" id="product-%(n)d"><!-- product %(n)d -->
    <a class="card__link" href="/products/%(n)d/"><img class="card__image"
      src="/media/products/photo-%(n)d.300x200.jpg"
      srcset="/media/products/photo-%(n)d.300x200.jpg 300w,
              /media/products/photo-%(n)d.600x400.jpg 600w,
              /media/products/photo-%(n)d.900x600.jpg 900w"
      sizes="(max-width: 600px) 100vw, 300px" width="300" height="200"
      alt="Product number %(n)d, as it lies on a table" loading="lazy" decoding="async"></a>
    <h2 class="card__title" style="margin:0"><a href="/products/%(n)d/">Lorem ipsum</a></h2>
    <ul class="facts">
%(items)s    </ul>
    <p><span class="price">12.90</span> <button type="submit">Buy</button></p></article>
"""
_START = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<style>%s</style><script>%s</script></head><body>
<form method="post"><input type="hidden" name="token" value="%%s"></form>
<main>
""" % (b".card { margin: 0 }\n" * 50, b"if (a < b) { open('<div>') }\n" * 50)
_END = b"</main><script>%s</script></body></html>\n" % (b"w.push({ x: 1 < 2 })\n" * 50)


def shop() -> tuple[bytes, bytes]:
    """What a page of 50 KB has before and after the token that tells it from all others.

    It has some 1,200 elements, of which 30 are pictures.
    """
    cards = (
        _CARD % {b"n": n, b"items": b"".join(_ITEM % (n, i) for i in range(9))} for n in range(30)
    )
    start, end = _START.split(b"%s")
    return start, b"".join([end, *cards, _END])


_before, _after = shop()
_tokens = itertools.count(10**9)


def site(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A page of HTML at `/shop`, at each request another one; no picture; elsewhere three bytes."""
    if environ["PATH_INFO"].endswith(".jpg"):
        return not_found(environ, start_response)
    if environ["PATH_INFO"] != "/shop":
        return page(environ, start_response)
    body = b"%b%d%b" % (_before, next(_tokens), _after)
    start_response(
        "200 OK",
        [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))],
    )
    return [body]


missing = PlaceholderMiddleware(site, missing=True)
learning = PlaceholderMiddleware(site, missing=True, learn=True)
