"""What `missing=True` and `learn=True` cost an app that misses nothing, and when it does."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks import apps
from benchmarks.measure import median, ratio, rounds, table
from benchmarks.serving import gunicorn, wrk
from wsgi_placeholder import PlaceholderMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_ROUNDS = 9
_WORKERS = {"sync": (), "gthread": ("-k", "gthread", "--threads", "4")}
_APPS = {"site": "bare app", "missing": "missing=True", "learning": "learn=True"}
_PAGES = {"/shop": "a page of 50 KB", "/page": "3 bytes of text"}


def main() -> None:
    _per_call()
    _streaming()
    if not shutil.which("wrk"):
        print("Throughput through gunicorn: not measured, wrk is not installed.")
        return
    print("Requests per second of what passes, gunicorn with two workers, wrk with eight\n")
    rows = [row for worker, options in _WORKERS.items() for row in _served(worker, options)]
    table(["worker", "answer", *_APPS.values(), "missing, ratio", "learn, ratio"], rows)


def _served(worker: str, options: tuple[str, ...]) -> list[list[str]]:
    rates: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        servers = [(app, stack.enter_context(gunicorn(app, *options))) for app in _APPS]
        for _ in range(_ROUNDS):
            for path in _PAGES:
                for app, base in servers:
                    rates.setdefault((path, app), []).append(wrk(base + path))
            servers.append(servers.pop(0))  # nobody always comes first
    return [
        [
            worker,
            said,
            *(f"{median(rates[path, app]):.0f}" for app in _APPS),
            *(f"{ratio(rates[path, app], rates[path, 'site']):.3f}" for app in list(_APPS)[1:]),
        ]
        for path, said in _PAGES.items()
    ]


def _per_call() -> None:
    """What we add to a call of the app, without any server."""
    rows = []
    for path, said in _PAGES.items():
        taken = rounds({
            name: _call(getattr(apps, name), {**_ENVIRON, "PATH_INFO": path}) for name in _APPS
        })  # fmt: skip
        for name in list(_APPS)[1:]:
            more = [a - b for a, b in zip(taken[name], taken["site"], strict=True)]
            rows.append([f"{said}, {_APPS[name]}", f"{median(more) * 1e6:.2f}"])
    # As soon as a picture is missing, what waits is read.
    app = apps.learning
    shop, lost = _call(app, _SHOP), _call(app, {**_ENVIRON, "PATH_INFO": "/lost.jpg"})
    taken = rounds({"both": lambda: (shop(), lost()), "lost": lost})
    more = [a - b for a, b in zip(taken["both"], taken["lost"], strict=True)]
    rows.append(["a page of 50 KB, learn=True, a picture missing after it",
                 f"{median(more) * 1e6:.2f}"])  # fmt: skip
    print("What is added to a call\n")
    table(["", "µs"], rows)
    print()


_ENVIRON = {
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "QUERY_STRING": "", "HTTP_HOST": "shop.example",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8",
}  # fmt: skip
_SHOP = {**_ENVIRON, "PATH_INFO": "/shop"}


def _call(app: WSGIApplication, environ: dict[str, str]) -> Callable[[], object]:
    def start_response(status: str, headers: list[tuple[str, str]], error: object = None) -> None:
        pass

    return lambda: app(environ, start_response)  # type: ignore[arg-type]


def _streaming() -> None:
    """A page that comes in chunks, to its end."""
    before, after = apps.shop()
    whole = (before + after) * 20
    rows = []
    for size in (1024, 8192, 65536):
        chunks = [whole[i : i + size] for i in range(0, len(whole), size)]
        bare = _streamed(chunks)
        learning = PlaceholderMiddleware(bare, missing=True, learn=True)
        for _ in range(150):  # until the time is used up that reading may take at first
            _drained(learning)()
        taken = rounds({"bare": _drained(bare), "learning": _drained(learning)})
        more = [a - b for a, b in zip(taken["learning"], taken["bare"], strict=True)]
        rows.append([f"{size}", f"{median(more) / len(chunks) * 1e6:.2f}"])
    print("What learn=True adds to each chunk of a page of 1 MB that is streamed\n")
    table(["bytes a chunk", "µs"], rows)
    print()


def _streamed(chunks: list[bytes]) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return iter(chunks)

    return app


def _drained(app: WSGIApplication) -> Callable[[], object]:
    call = _call(app, _SHOP)
    return lambda: sum(map(len, call()))  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
