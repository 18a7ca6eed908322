"""The example plug-in, installed the way anybody would, adds a format, a style and a dialect."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PLUGIN = Path(__file__).parent.parent / "examples" / "plugin"

ASK = """
import json, sys
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator
from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.middleware import not_found

app = validator(PlaceholderMiddleware(validator(not_found), system_fonts=False))
answers = []
for url in sys.argv[1:]:
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": url.partition("?")[2]}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = url.partition("?")[0]
    def start_response(status, headers, exc_info=None):
        answers.append({"status": status, **dict(headers)})
    iterable = app(environ, start_response)
    answers[-1]["body"] = b"".join(iterable).hex()
    iterable.close()
json.dump(answers, sys.stdout)
"""

URLS = {
    "format": "/placeholder/300x200.bmp",
    "style": "/placeholder/300x200?style=stripes&seed=7",
    "dialect": "/placeholder/acme/300x200-red?say=Hello&utm=1",
    "all": "/placeholder/acme/16x9",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the plug-in in it, made by pip from a copy of the example."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "source"
    shutil.copytree(PLUGIN, source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__py*"))
    run(
        *("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"),
        *("--no-compile", "--disable-pip-version-check", "--target", folder / "installed", source),
    )
    return folder / "installed"


def run(*arguments, path=""):
    paths = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def answers(installed):
    return dict(zip(URLS, json.loads(run("-c", ASK, *URLS.values(), path=installed)), strict=True))


def test_its_format(answers):
    answer = answers["format"]
    assert answer["status"] == "200 OK"
    assert answer["Content-Type"] == "image/bmp"
    body = bytes.fromhex(answer["body"])
    assert body[:2] == b"BM"
    assert int.from_bytes(body[18:22], "little") == 300
    assert int.from_bytes(body[22:26], "little") == 200


def test_its_style(answers, tmp_path):
    answer = answers["style"]
    assert answer["status"] == "200 OK"
    (tmp_path / "stripes.png").write_bytes(bytes.fromhex(answer["body"]))
    with Image.open(tmp_path / "stripes.png") as picture:
        assert picture.size == (300, 200)
        edge = [picture.convert("RGB").getpixel((x, 5)) for x in range(300)]
    assert len(set(edge)) == 2
    changes = sum(before != after for before, after in itertools.pairwise(edge))
    assert 5 <= changes <= 25


def test_its_dialect(answers):
    answer = answers["dialect"]
    assert answer["status"] == "200 OK"
    assert answer["Content-Type"] == "image/png"
    body = bytes.fromhex(answer["body"])
    assert int.from_bytes(body[16:20]) == 300
    assert int.from_bytes(body[20:24]) == 200
    palette = body[body.index(b"PLTE") + 4 :]
    assert palette[:3] == b"\xff\0\0"


def test_its_errors_are_ours(installed):
    (answer,) = json.loads(run("-c", ASK, "/placeholder/acme/300x200-rde", path=installed))
    assert answer["status"] == "400 Bad Request"
    assert b"Did you mean red?" in bytes.fromhex(answer["body"])


def test_without_it_each_is_a_clear_400():
    answers = json.loads(run("-c", ASK, *URLS.values()))
    for answer, word in zip(answers, ("bmp", "stripes", "acme", "acme"), strict=True):
        assert answer["status"] == "400 Bad Request"
        assert f"“{word}”" in bytes.fromhex(answer["body"]).decode()


def test_it_keeps_the_contracts(installed):
    """Its own tests are the ones that ship with us, and they pass."""
    said = run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", PLUGIN / "test_acme.py"),
        *("-c", os.devnull, "--rootdir", PLUGIN),
        path=installed,
    )
    assert " passed" in said


def test_nothing_is_installed_beside_its_three_modules(installed):
    modules = sorted(path.name for path in (installed / "acme_placeholders").glob("*.py"))
    assert modules == ["__init__.py", "acme.py", "bmp.py", "stripes.py"]
