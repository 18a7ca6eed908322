"""The server of the command line: waitress, and a page at / that shows what can be asked for."""

from __future__ import annotations

import errno
import html
import logging
import signal
import socket
from string import Template
from typing import TYPE_CHECKING, Any
from wsgiref.util import application_uri

from wsgi_placeholder.http.request import from_own_host
from wsgi_placeholder.http.response import Finished, send
from wsgi_placeholder.urls import whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from wsgi_placeholder.config import Config
    from wsgi_placeholder.http.response import Headers
    from wsgi_placeholder.middleware import PlaceholderMiddleware

# What a stranger should see first, each as it follows the prefix.
EXAMPLES = (
    ("A size", "/600x400"),
    ("A text, | ends its lines", "/600x400/teal?text=One|two"),
    ("Background and text colour", "/600x400/1d3557/ffd166"),
    ("A width and a ratio", "/600x16:9"),
    ("A format", "/600x400/tomato.svg"),
    ("Twice the pixels", "/300x200@2x/seagreen.jpg"),
    ("Corners and border", "/600x400/lavender?radius=40&border=6"),
    ("A font size and weight", "/600x400?size=120&weight=900&text=Big"),
    ("A size by name", "/leaderboard/gold"),
)
_ICON = "/favicon/seagreen/fff.ico?text=%C3%97&size=30&padding=0&radius=6"
_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Placeholders</title>
<style>
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --page: #fff; --card: #f3f4f6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9aa4af; --page: #111418; --card: #1b2026 }
}
body { margin: 0 auto; padding: 2.5rem 1.5rem; max-width: 66rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 2rem; letter-spacing: -.02em }
p { margin: .5rem 0 2rem; max-width: 54rem; color: var(--soft) }
main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)) }
figure { margin: 0; padding: 1rem; border-radius: 10px; background: var(--card);
  display: flex; flex-direction: column; gap: .75rem }
a { display: grid; place-items: center; min-height: 11rem }
img { max-width: 100%; max-height: 11rem }
code { color: var(--ink); font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
code var { color: var(--soft) }
figure code { display: block; user-select: all }
i { font-style: normal; color: var(--soft) }
</style>
<h1>Placeholders</h1>
<p>This server draws the picture that a URL describes. Of
<code>$prefix/<var>size</var>/<var>background</var>/<var>ink</var>.<var>format</var>?text=…</code>
only the size is needed. A click on a URL below selects it.</p>
<main>
$cards
</main>
</html>
""")
_CARD = Template("""<figure><a href=".$url"><img src=".$url" alt="$url"></a>
<figcaption>$what<code><i>$site</i><wbr>$url</code></figcaption></figure>""")
_ELSEWHERE = Template("""<!doctype html>
<title>Not found</title>
<p>Not found. Pictures are below $prefix, such as $prefix/600x400.
""")
_SAFE: Headers = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"),
)


class CannotServe(Exception):
    """Why the server cannot start, as one sentence for its user."""


def site(pictures: PlaceholderMiddleware) -> WSGIApplication:
    """Return an app with a page at /, an icon, and `pictures` for all the rest.

    The page stands before the pictures, because with an empty prefix they have every URL but it.
    """
    config = pictures.config
    prefix, hosts = config.prefix, config.hosts

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if from_own_host(environ, hosts, prefix) is not environ:
            return pictures(environ, start_response)
        if path == "/favicon.ico" and prefix:
            finished = _finished("302 Found", "", ("Location", f".{whole(_ICON, config)}"))
        elif path not in ("", "/") and ("/" + path.lstrip("/")).startswith(prefix):
            return pictures(environ, start_response)
        elif path not in ("", "/"):
            finished = _finished("404 Not Found", _ELSEWHERE.substitute(prefix=html.escape(prefix)))
        elif environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            finished = _finished("200 OK", _home(application_uri(environ), config))
        else:
            finished = _finished("405 Method Not Allowed", "", ("Allow", "GET, HEAD"))
        return send(finished, environ, start_response)

    return app


def _finished(status: str, page: str, *headers: tuple[str, str]) -> Finished:
    body = page.encode("utf-8", "replace")
    kind = ("Content-Type", "text/html; charset=utf-8")
    return Finished(status, (kind, ("Content-Length", str(len(body))), *headers, *_SAFE), body)


def _home(site: str, config: Config) -> str:
    cards = (
        _CARD.substitute(what=html.escape(what), site=html.escape(site.rstrip("/")), url=url)
        for what, rest in EXAMPLES
        for url in [html.escape(whole(rest, config))]
    )
    return _PAGE.substitute(prefix=html.escape(config.prefix), cards="\n".join(cards))


def run(app: WSGIApplication, host: str, port: int, config: Config) -> None:
    """Serve `app` until Ctrl-C or SIGTERM, which it takes over; raises CannotServe.

    Prints one line with the address, for which port 0 is replaced by the free one it became.
    """
    try:
        from waitress import wasyncore
        from waitress.server import create_server
    except ImportError as error:
        raise CannotServe(
            "the server needs waitress; install it with: pip install 'wsgi-placeholder[serve]'"
        ) from error
    # It warns of every request that has to wait for a thread, which is what threads are for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listener = _listener(host, port)
    sockets: dict[int, Any] = {}
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server = create_server(app, map=sockets, sockets=[listener])
        address = f"{origin(host, listener.getsockname()[1])}{whole('/600x400', config)}"
        print(f"Serving placeholders on {address} (Ctrl-C to stop)", flush=True)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        wasyncore.close_all(sockets, ignore_all=True)
        listener.close()


def origin(host: str, port: int) -> str:
    """Return what a browser on this machine opens, also when `host` means every address."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (TypeError, ValueError) as error:  # a name that cannot be looked up at all
        raise CannotServe(f"cannot listen on {host!r}: it is no address") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"port {port} of {host} is in use; choose another with --port"
            ) from error
        # Python appends the address as a tuple, "(while attempting to bind on ...".
        why = str(error.strerror).partition(" (")[0]
        raise CannotServe(f"cannot listen on {host} port {port}: {why}") from error
