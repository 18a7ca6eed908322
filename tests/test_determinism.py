"""R-13: bytes and ETags depend on the URL and on what is installed, and on nothing else."""

import json
import os
import re
import subprocess
import sys

import pytest

from wsgi_placeholder import formats, render, rendering

PROBE = """
import hashlib, json, os, sys, time, datetime
change = json.loads(sys.argv[1])
if "cpus" in change:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: change["cpus"]])
if "clock" in change:
    real, shift = time.time, change["clock"]
    time.time = lambda: real() + shift
    time.time_ns = lambda: int((real() + shift) * 1e9)
    for name in ("gmtime", "localtime"):
        plain = getattr(time, name)
        setattr(time, name, lambda at=None, plain=plain: plain(time.time() if at is None else at))
    strftime = time.strftime
    time.strftime = lambda form, at=None: strftime(form, time.gmtime() if at is None else at)
from concurrent.futures import ThreadPoolExecutor
from wsgi_placeholder import PlaceholderMiddleware, formats
app = PlaceholderMiddleware(print)
def get(url):
    path, _, query = ("/placeholder/" + url).partition("?")
    given = []
    environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
    body = b"".join(app(environ, lambda *args: given.append(args)))
    [(status, headers)] = given
    assert status == "200 OK", body
    assert not {name.lower() for name, _ in headers} & {"date", "last-modified", "expires"}
    return url, dict(headers)["ETag"], hashlib.sha256(body).hexdigest()
urls = [
    url.replace(".", "." + name, 1)
    for name in formats.installed()
    for url in (
        "200x120.", "67x45@2x.", "90/transparent.?text=clear", "120x80/f00c.?border=3&radius=9",
        "99.?text=caf%C3%A9%7C%D7%A9%D7%9C%D7%95%D7%9D", "250x256.?quality=40",
    )
] + ["1200x900.avif", "1200x900.webp", "2000x1500.jpg?text=large&size=500", "3000.png"]
if change.get("reversed"):
    urls.reverse()
with ThreadPoolExecutor(change.get("threads", 1)) as pool:
    print(json.dumps(sorted(pool.map(get, urls))))
"""


def probe(change=None, **variables):
    environ = os.environ | {"PYTHONHASHSEED": "0"} | variables
    command = [sys.executable, "-c", PROBE, json.dumps(change or {})]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def usual():
    found = probe()
    assert len(found) == 6 * len(formats.installed()) + 4
    assert len({etag for _, etag, _ in found}) == len({body for *_, body in found})
    return found


@pytest.mark.parametrize(
    ("change", "variables"),
    [
        ({}, {"PYTHONHASHSEED": "1"}),
        ({}, {"PYTHONHASHSEED": "4294967295"}),
        ({"cpus": 1}, {}),
        ({"threads": 8}, {}),
        ({"reversed": True}, {}),
        ({"clock": 86_400 * 400}, {}),
        ({"clock": -3_600}, {"SOURCE_DATE_EPOCH": "1"}),
        ({}, {"TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": "/nonexistent"}),
        ({}, {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONOPTIMIZE": "1"}),
        ({}, {"OMP_NUM_THREADS": "1", "PYTHONDEVMODE": "0", "PYTHONUTF8": "1"}),
    ],
)
def test_the_same_bytes(usual, change, variables):
    assert probe(change, **variables) == usual


def test_the_clock_of_the_probe_is_another_one():
    """Or the test above says nothing of clocks."""
    program = PROBE.partition("from concurrent")[0] + "print(time.gmtime().tm_year)"
    years = [
        subprocess.run(
            [sys.executable, "-c", program, json.dumps(change)], capture_output=True, check=True
        ).stdout
        for change in ({}, {"clock": 86_400 * 400})
    ]
    assert int(years[0]) < int(years[1])


@pytest.mark.parametrize(
    ("module", "name"),
    [("bidi", "VERSION"), ("unicodedata", "unidata_version"), ("PIL", "__version__")],
)
def test_another_version_of_what_lays_out_text_is_another_etag(monkeypatch, module, name):
    usual = rendering._codecs()
    monkeypatch.setattr(f"{module}.{name}", "0")
    assert rendering._codecs.__wrapped__() != usual


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"foo": {}}, TypeError, "unknown option 'foo'; expected one of"),
        ({"max_pixel": []}, TypeError, "did you mean max_pixels?"),
        ({"max_pixel": {}}, TypeError, "did you mean max_pixels?"),
        ({"prefix": {}}, ValueError, "option prefix={}: expected a plain path"),
    ],
)
def test_a_wrong_option_of_render_is_named(options, error, said):
    with pytest.raises(error, match=re.escape(said)):
        render("300", **options)
