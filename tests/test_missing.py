"""The wrapped app's 404s become pictures; all else passes as the very object it was."""

import io
import json
import re
import secrets
import socket
import sys
import wave

import pytest
from asking import ask, checked, environ_for, page
from PIL import Image
from threaded import served
from timing import least

from wsgi_placeholder import Config, PlaceholderMiddleware, Spec, TextImages
from wsgi_placeholder.config import BadOption

NOT_HERE = [
    ("Content-Type", "text/html"), ("Set-Cookie", "secret=1"), ("ETag", '"app"'),
    ("Content-Encoding", "identity"), ("Content-Length", "8"),
]  # fmt: skip
WAYS = ["list", "generator", "iterator", "write", "exc_info", "empty"]


class Body:
    """An iterable that counts what is pulled and how often it is closed."""

    def __init__(self, chunks=(b"not ", b"here"), start=None):
        self.chunks = iter(chunks)
        self.start = start
        self.pulled = self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.start:
            start, self.start = self.start, None
            start()
        chunk = next(self.chunks)
        self.pulled += 1
        return chunk

    def close(self):
        self.closed += 1


def answering(status="404 Not Found", headers=NOT_HERE, way="list", chunks=(b"not ", b"here")):
    """An app with one answer, given in one of the ways of PEP 3333; its bodies are kept."""
    bodies = []

    def app(environ, start_response):
        head = environ["REQUEST_METHOD"] == "HEAD"

        def start():
            return start_response(status, list(headers))

        body = Body(() if head else chunks, start if way == "generator" else None)
        bodies.append(body)
        if way == "write":
            write = start()
            for chunk in body:
                if not head:
                    write(chunk)
            return body
        if way == "exc_info":
            start()
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                error = [("Content-Type", "text/plain"), ("Content-Length", "0")]
                start_response("500 Internal Server Error", error, sys.exc_info())
            return []
        if way != "generator":
            start()
        if way == "list":
            return [] if head else [b"".join(chunks)]
        return Body((), None) if way == "empty" else body

    app.bodies = bodies
    return app


def get(url, app=None, method="GET", script_name="", options=None, **headers):
    wrapped = PlaceholderMiddleware(app or answering(), **{"missing": True, **(options or {})})
    return ask(checked(wrapped), environ_for(url, method, script_name, **headers))


def size(answer):
    with Image.open(io.BytesIO(answer.body)) as picture:
        return picture.size


# Which 404s


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("way", ["list", "generator", "iterator", "write", "empty"])
def test_a_missing_picture_becomes_one(way, method, mount):
    app = answering(way=way)
    answer = get("/media/a/cat-300x200.png", app, method, mount)
    assert answer.status == "200 OK"
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Placeholder"] == "missing; rule=name; size=300x200"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert {name.lower() for name, _ in answer.headers} == {
        "content-type", "content-length", "cache-control", "x-placeholder", "etag",
        "x-content-type-options", "content-security-policy",
    }  # fmt: skip
    if method == "GET":
        assert size(answer) == (300, 200)
        assert int(answer["Content-Length"]) == len(answer.body)
    else:
        assert answer.body == b""
    for body in app.bodies:
        assert body.closed == (way not in ("list", "empty"))
        assert body.pulled <= (2 if way == "write" else 1)


# Chromium's for a page; without HTTPS, and not on localhost, nothing else says that it is one.
VISIT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/a", {"sec_fetch_dest": "image"}),
        ("/a.php", {"sec_fetch_dest": "image"}),
        ("/a", {"accept": "image/avif,image/webp,*/*;q=0.8"}),
        ("/a.jpg", {"sec_fetch_dest": "empty"}),
        ("/a.JPEG", {"accept": "*/*"}),
        ("/a.heic", {}),
        ("/a.png", {"accept": "image/webp,image/png;q=0.8"}),
        ("/a", {"accept": "text/html;q=0.1,image/png"}),
        ("/a.png", {"accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}),  # Java
    ],
)
def test_what_counts_as_a_picture(url, headers):
    assert get(url, **headers)["Content-Type"].startswith("image/")


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/a.png", {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}),
        ("/a.png", {"sec_fetch_dest": "script"}),
        ("/a.png", {"sec_fetch_dest": "video"}),
        ("/a.png", {"sec_fetch_mode": "navigate"}),
        ("/a.html", {}),
        ("/a", {"accept": "text/html,image/png"}),
        ("/a", {"accept": "image/png;q=0, */*"}),
        ("/a.png", {"accept": VISIT}),
        ("/a", {"accept": VISIT}),
        ("/a.png", {"accept": "application/json"}),
        ("/api/cats", {"accept": "application/json"}),
        ("/a.css", {}),
        ("/a.pdf", {}),
        ("/png", {}),
        ("/", {}),
        ("", {}),
    ],
)
def test_what_does_not_is_the_apps_own(url, headers):
    answer = get(url, **headers)
    assert (answer.code, answer.body) == (404, b"not here")
    assert answer["Set-Cookie"] == "secret=1"


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "DELETE"])
def test_other_methods_are_the_apps_own(method):
    assert get("/a.png", method=method).code == 404


@pytest.mark.parametrize(
    "status", ["200 OK", "410 Gone", "302 Found", "403 Forbidden", "500 Server Error"]
)
@pytest.mark.parametrize("way", ["generator", "iterator", "write"])
def test_other_answers_pass(status, way):
    headers = [("Content-Type", "text/plain"), ("Location", "/x")]
    app = answering(status, headers, way)
    answer = get("/a.png", app)
    assert (answer.status, answer.headers, answer.body) == (status, headers, b"not here")
    assert app.bodies[0].closed == 1


def test_an_error_after_a_404_goes_out_as_the_error():
    answer = get("/a.png", answering(way="exc_info"))
    assert answer.status == "500 Internal Server Error"


def test_what_the_app_returns_is_returned_itself():
    body = [b"page"]

    def app(environ, start_response):
        start_response("200 OK", [])
        return body

    wrapped = PlaceholderMiddleware(app, missing=True)
    for url in ("/a.png", "/page"):
        assert wrapped(environ_for(url), lambda *_: None) is body


def test_an_exception_of_the_app_is_its_own_and_its_body_closed():
    body = Body(start=lambda: 1 / 0)
    wrapped = PlaceholderMiddleware(lambda environ, start_response: body, missing=True)
    with pytest.raises(ZeroDivisionError):
        wrapped(environ_for("/a.png"), lambda *_: None)
    assert body.closed == 1


def test_the_rest_of_a_404_is_not_read():
    chunks = (bytes(1) for _ in iter(int, 1))
    app = answering(way="generator", chunks=chunks)
    assert get("/a.png", app).code == 200
    assert app.bodies[0].pulled == 1


def test_off_by_default():
    app = answering()
    assert PlaceholderMiddleware(app).app is app
    assert ask(PlaceholderMiddleware(app), environ_for("/a.png")).code == 404


# Options


@pytest.mark.parametrize(
    ("missing", "url", "is_replaced"),
    [
        (["/media/"], "/media/a.png", True),
        (["/media/"], "/static/a.png", False),
        ("/media/, /uploads/", "/uploads/a.png", True),
        ([".jpg", ".PNG"], "/a.png", True),
        ([".jpg"], "/a.png", False),
        (["/media/", ".jpg"], "/media/a.png", False),
        (["/media/", ".jpg"], "/media/a.jpg", True),
        (lambda path: "cat" in path, "/cat.png", True),
        (lambda path: "cat" in path, "/dog.png", False),
        ("true", "/a.png", True),
        ("false", "/a.png", False),
    ],
)
def test_which_paths(missing, url, is_replaced):
    assert (get(url, options={"missing": missing}).code == 200) is is_replaced


def test_the_status_may_stay_404():
    answer = get("/a.png", options={"missing_status": 404})
    assert answer.status == "404 Not Found"
    assert answer["Content-Type"] == "image/png"
    assert answer["ETag"] is None


def test_its_etags_are_its_own():
    answer = get("/media/300x200.png")
    assert answer["ETag"].startswith('"missing-')
    again = get("/media/300x200.png", if_none_match=answer["ETag"])
    assert (again.code, again.body) == (304, b"")
    assert again["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "wrong",
    [
        {"missing": ["media"]}, {"missing": 3}, {"missing_status": 500}, {"missing_types": "exe"},
        {"missing_types": "a/b=c"}, {"missing_types": "=c"}, {"missing_types": 3},
        {"missing_types": {"mp4": None}}, {"missing_types": [1, 2]}, {"missing_types": [("a",)]},
        {"missing_types": "mp4=nowhere.mp4"}, {"missing_types": "mp4=/"}, {"missing_types": ["=c"]},
        {"missing_sizes": [("(", "3x2")]}, {"missing_sizes": [("a", "big")]},
        {"missing_sizes": 3}, {"missing_aliases": {"small": "big"}}, {"missing_aliases": 3},
    ],
)  # fmt: skip
def test_bad_options_are_refused_at_start(wrong):
    with pytest.raises(BadOption, match=next(iter(wrong))):
        Config.of(**wrong)


# Sizes


@pytest.mark.parametrize(
    ("url", "options", "rule", "expected"),
    [
        ("/hero/x.png", {"missing_sizes": [("^/hero/", "16:9x90")]}, "rule", (160, 90)),
        ("/hero/x.png", {"missing_sizes": "hero = 160x90\navatars = 64"}, "rule", (160, 90)),
        ("/p/1.jpg.150x150_q85_crop.jpg", {}, "easy-thumbnails", (150, 150)),
        ("/p/1.jpg.small.jpg", {"missing_aliases": {"small": (80, 60)}}, None, (80, 60)),
        ("/p/1.jpg.small.jpg", {"missing_aliases": "small=80x60"}, None, (80, 60)),
        ("/i/cat.fill-300x200.webp", {}, "wagtail", (300, 200)),
        ("/i/cat.width-300.jpg", {}, "wagtail", (300, 200)),
        ("/a.png?w=320&h=180", {}, "query", (320, 180)),
        ("/a.png?w=320&h=180&" + "x=1&" * 200, {}, "query", (320, 180)),
        ("/banner-468x60.gif", {}, "name", (468, 60)),
        ("/favicon.ico", {}, "default", (32, 32)),
        ("/a.png", {}, "default", (600, 400)),
        ("/a-90000x60000.png", {}, "name", None),
        ("/a-400x300@2x.png", {}, "name", (800, 600)),
    ],
)
def test_the_ladder(url, options, rule, expected):
    answer = get(url, options=options)
    assert answer.code == 200
    if rule:
        assert f"rule={rule};" in answer["X-Placeholder"]
    if expected:
        assert size(answer) == expected


def test_a_size_above_the_limits_is_made_smaller_in_its_shape():
    width, height = size(get("/a-30000x20000.png"))
    assert width / height == pytest.approx(1.5, abs=0.01)
    assert width * height <= 25_000_000


def test_hints_of_the_client():
    answer = get("/a.png", sec_ch_width="600", sec_ch_dpr="2")
    assert answer["X-Placeholder"] == "missing; rule=hint; size=300x200"
    assert size(answer) == (600, 400)
    for hostile in ("nan", "inf", "-1", "1e9", "x", "0"):
        assert get("/a.png", sec_ch_width=hostile)["X-Placeholder"].startswith(
            "missing; rule=default"
        )


@pytest.mark.parametrize(
    ("url", "media_type"),
    [("/a.jpg", "image/jpeg"), ("/a.webp", "image/webp"), ("/a.svg", "image/svg+xml"),
     ("/a.heic", "image/png"), ("/a.bmp", "image/png"),
     ("/cat.max-9x9.format-webp.webp", "image/webp")],
)  # fmt: skip
def test_formats(url, media_type):
    assert get(url)["Content-Type"] == media_type


def test_the_caption_says_name_and_size():
    body = get("/media/caf\xc3\xa9 <b>.svg?w=300&h=200").body.decode()
    assert re.search(r"<title>caf. &lt;b&gt;\.svg\s300×200</title>", body) or "café" in body
    assert "<b>" not in body
    plain = get("/media/x.svg", options={"missing_text": ""}).body.decode()
    assert "x.svg" not in plain


# Learning


PAGE = [("Content-Type", "text/html; charset=utf-8")]


@pytest.mark.parametrize("way", ["list", "generator", "iterator", "write"])
def test_a_page_says_how_large_its_pictures_are(way, mount):
    chunks = (b'<p><img src="', mount.encode() + b'/m/a.jpg" width=320 hei', b"ght=240><p>")

    def app(environ, start_response):
        page = answering("200 OK", PAGE, way, chunks)
        inner = page if environ["PATH_INFO"] == "/page" else answering()
        return inner(environ, start_response)

    wrapped = PlaceholderMiddleware(app, missing=True, learn=True)
    answer = ask(checked(wrapped), environ_for("/page", script_name=mount))
    assert (answer.body, answer.headers) == (b"".join(chunks), PAGE)
    picture = ask(checked(wrapped), environ_for("/m/a.jpg", script_name=mount))
    assert picture["X-Placeholder"] == "missing; rule=page; size=320x240"
    assert size(picture) == (320, 240)


def test_one_side_has_its_shape_from_the_page(mount):
    page = b'<img src="%b/m/cat.width-300.jpg" width=400 height=100>' % mount.encode()

    def app(environ, start_response):
        found = answering("200 OK", PAGE, "list", [page])
        inner = found if environ["PATH_INFO"] == "/page" else answering()
        return inner(environ, start_response)

    wrapped = PlaceholderMiddleware(app, missing=True, learn=True)
    ask(wrapped, environ_for("/page", script_name=mount))
    answer = ask(wrapped, environ_for("/m/cat.width-300.jpg", script_name=mount))
    assert answer["X-Placeholder"] == "missing; rule=wagtail; size=300x75"


def test_what_is_no_page_is_not_looked_at():
    body = iter([b'<img src="/m/a.jpg" width=320 height=240>'])

    def app(environ, start_response):
        if environ["PATH_INFO"] != "/data":
            return answering()(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return body

    wrapped = PlaceholderMiddleware(app, missing=True, learn=True)
    assert wrapped(environ_for("/data"), lambda *_: None) is body
    list(body)
    assert "rule=default" in ask(wrapped, environ_for("/m/a.jpg"))["X-Placeholder"]


# Other files


def test_other_files_are_left_alone_until_asked_for():
    for name in ("a.pdf", "a.csv", "a.json", "a.mp3", "a.mp4"):
        assert get("/" + name).code == 404
    options = {"missing_types": "pdf, csv txt json wav mp3"}
    navigation = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    pdf = get("/docs/report.pdf", options=options, **navigation)
    assert (pdf["Content-Type"], pdf.body[:5]) == ("application/pdf", b"%PDF-")
    assert get("/a.csv", options=options).body.splitlines()[0] == b"missing"
    assert json.loads(get("/a.json", options=options).body) == {}
    assert get("/a.txt", options=options).body == b"a.txt is missing.\n"
    with wave.open(io.BytesIO(get("/a.wav", options=options).body)) as sound:
        assert sound.getnframes() == sound.getframerate()
    mp3 = get("/a.mp3", options=options)
    assert mp3["Content-Type"] == "audio/mpeg"
    assert len(mp3.body) == 39 * 104
    assert get("/a.mp4", options=options).code == 404


def test_a_file_of_the_users_stands_for_all_of_its_extension(tmp_path):
    film = bytes(range(250)) * 4
    (tmp_path / "none.mp4").write_bytes(film)
    options = {"missing_types": [f"mp4={tmp_path / 'none.mp4'}", "pdf"]}
    video = {"sec_fetch_dest": "video", "sec_fetch_mode": "no-cors"}
    whole = get("/media/holidays.mp4", options=options, **video)
    assert (whole["Content-Type"], whole.body) == ("video/mp4", film)
    assert whole["Cache-Control"] == "no-store"
    assert whole["X-Placeholder"] == "missing; rule=type"
    # Safari asks for the first two bytes of a film, and plays none from a server without ranges.
    part = get("/media/holidays.mp4", options=options, range="bytes=0-1", **video)
    assert (part.code, part.body) == (206, film[:2])
    assert part["Content-Range"] == "bytes 0-1/1000"
    kept = get("/a.mp4", options={**options, "missing_status": 404}, **video)
    assert (kept.code, kept.body) == (404, film)
    assert get("/a.webm", options=options, **video).code == 404
    assert get("/a.pdf", options=options).body[:5] == b"%PDF-"


def test_ours_gives_way_to_a_file_of_the_users(tmp_path):
    (tmp_path / "none.pdf").write_bytes(b"%PDF-mine")
    options = {"missing_types": f"csv, pdf={tmp_path / 'none.pdf'}"}
    assert get("/a.pdf", options=options).body == b"%PDF-mine"


def test_a_file_of_the_users_that_is_missing_is_refused_at_start():
    for given in ("mp4=none.mp4 txt", ["pdf", "mp4=my none.mp4"]):
        with pytest.raises(BadOption, match=r"missing_types.*none\.mp4.*No such file.*commas"):
            Config.of(missing_types=given)


def test_a_long_list_of_them_is_read_at_once():
    given = "csv" + " " * 10**5 + "mp4=" + " " * 10**5 + ",pdf"

    def refused():
        with pytest.raises(BadOption, match=r"is unknown; expected .* commas"):
            Config.of(missing_types=given)

    assert least(refused) < 1  # what was quadratic took a minute


def test_they_are_replaced_whatever_pictures_are():
    options = {"missing": [".jpg"], "missing_types": "txt"}
    assert get("/a.txt", options=options).code == 200
    assert get("/a.png", options=options).code == 404


# Asking the origin


PNG = PlaceholderMiddleware(print).renderer.render(Spec.of(7, 5)).body


@pytest.fixture
def production():
    """A real server with one picture; it notes what it is asked."""
    asked = []

    def app(environ, start_response):
        asked.append((environ["PATH_INFO"], environ.get("HTTP_COOKIE")))
        if environ["PATH_INFO"] != "/media/there.png":
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        start_response("200 OK", [("Content-Type", "image/png"), ("Content-Length", str(len(PNG)))])
        return [PNG]

    with served(app) as address:
        yield address, asked


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_origin_is_asked_first(production, tmp_path, method):
    address, asked = production
    options = {"origin": address, "origin_store": tmp_path, "origin_store_at": "/media"}
    answer = get("/media/there.png", method=method, options=options, cookie="secret=1")
    assert answer.code == 200
    assert answer["X-Placeholder"] == "origin"
    assert answer["Cache-Control"] == "no-store"
    assert int(answer["Content-Length"]) == len(PNG)
    assert answer.body == (PNG if method == "GET" else b"")
    assert asked == [("/media/there.png", None)]
    assert (tmp_path / "there.png").read_bytes() == PNG
    other = get("/media/300x200.png", options=options)
    assert other["X-Placeholder"] == "missing; rule=name; size=300x200"


def test_what_another_instance_fetches_gets_the_404():
    answer = get("/a.png", x_wsgi_placeholder_fetch="1")
    assert (answer.code, answer.body) == (404, b"not here")


def test_the_origin_is_not_asked_for_what_it_cannot_give(production):
    address, asked = production
    middleware = PlaceholderMiddleware(
        answering(), missing=True, missing_types="txt", origin=address
    )
    for name in ("a.svg", "a.txt"):
        answer = ask(middleware, environ_for(f"/media/{name}"))
        assert answer["X-Placeholder"].startswith("missing")
    assert asked == []


def test_a_bad_origin_is_refused_at_start():
    for origin in ("ftp://example.com", ["https://"], 3):
        with pytest.raises(BadOption, match="origin"):
            Config.of(origin=origin)


@pytest.mark.parametrize("private", [False, True])
def test_an_origin_whose_name_leads_to_a_private_address(private, production, monkeypatch):
    """Such as another container, by its name."""
    address, asked = production
    real = socket.getaddrinfo

    def getaddrinfo(host, *args, **options):
        return real("127.0.0.1" if host == "web.example" else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    origin = address.replace("127.0.0.1", "web.example")
    answer = get("/media/there.png", options={"origin": origin, "origin_private": private})
    assert answer["X-Placeholder"].partition(";")[0] == ("origin" if private else "missing")
    assert bool(asked) is private


def test_a_404_of_our_own_further_in_is_meant():
    """Whether a token is any good, and the token itself, nobody learns from this."""
    texts = TextImages(secrets.token_urlsafe(32), prefix="/text")
    app = PlaceholderMiddleware(
        texts.wrap(page), missing=True, learn=True, missing_report=True, missing_types="txt"
    )
    good = texts.text_url("a@canary.example")
    assert ask(checked(app), environ_for(good)).code == 200
    bad = good.replace(".png", "A.png")
    answer = ask(checked(app), environ_for(bad, sec_fetch_dest="image"))
    assert answer.code == 404
    assert answer.headers == ask(checked(texts), environ_for(bad)).headers
    assert len(app.report) == 0


def test_a_missing_picture_has_no_more_pixels_than_an_unsigned_one_may():
    secret = secrets.token_urlsafe(32)
    for rule, sides in (([60_000, "text"], (300, 200)), ("text", (3000, 2000))):
        options = {"secret": secret, "require_signature": rule}
        assert size(get("/a-3000x2000.png", options=options)) == sides
