"""Tests of a Django site that want all its pictures, as docs/missing-django.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data" / "django_tests"
PAGE = (Path(__file__).parents[1] / "docs" / "missing-django.md").read_text("utf-8")
SECTION = PAGE.partition("\n## In your tests\n")[2].partition("\n## ")[0]
TESTS, CONFTEST = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
FOUND = (
    "AssertionError: missing files were replaced 2 times:"
    "\n  /media/cat.jpg (600x400, rule default), on /product/1"
    "\n  /static/logo.png (600x400, rule default), on /product/1\n"
)
# The recipe as it stands, with the other class that the section names, and with WebTest.
CHANGES = {
    "static": {},
    "live": {
        "django.contrib.staticfiles.testing": "django.test",
        "StaticLiveServerTestCase": "LiveServerTestCase",
    },
    "webtest": {
        'browser.get(f"{self.live_server_url}/product/1")': """
            app = webtest.TestApp(self.watched)
            for source in re.findall('src="(.*?)"', app.get("/product/1").text):
                app.get(source, headers={"Referer": "http://localhost/product/1"})""",
    },
}
GIVEN = "import browser, re, webtest\n"
PYTESTS = """
import pytest
from wsgi_placeholder.testing import assert_no_missing_images

@pytest.mark.parametrize("time", [1, 2])
def test_no_picture_is_missing(watched, live_server, time):
    with assert_no_missing_images(watched):
        browser.get(f"{live_server.url}/product/1")
"""


@pytest.fixture(params=[False, True], ids=["there", "missing"])
def is_missing(request, tmp_path):
    """Whether the site in the folder lacks the two pictures of its page."""
    if not request.param:
        for path in ["media/cat.jpg", "static/logo.png", "collected/logo.png"]:
            (tmp_path / path).parent.mkdir()
            (tmp_path / path).write_bytes(b"a picture")
    return request.param


def run(site, command):
    """Run the tests in the folder of the site; return their exit code and what they said."""
    added = {
        "DJANGO_SETTINGS_MODULE": "gallery",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(DATA),
        "SITE": str(site),
    }
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=site,
        env=os.environ | added,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_django(is_missing, tmp_path):
    for name, changes in CHANGES.items():
        tests = TESTS
        for old, new in changes.items():
            assert old in tests
            tests = tests.replace(old, new)
        (tmp_path / f"test_{name}.py").write_text(GIVEN + tests, "utf-8")
    code, said = run(tmp_path, "django test")
    assert "Ran 3 tests" in said, said
    assert code == is_missing, said
    assert said.count(FOUND) == (3 if is_missing else 0), said


def test_pytest(is_missing, tmp_path):
    """What one test has put around the server's app is gone in the next, or that finds nothing."""
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    (tmp_path / "test_site.py").write_text(GIVEN + PYTESTS, "utf-8")
    options = "-p no:randomly -p no:xdist -p no:cacheprovider --tb=native -rN"
    code, said = run(tmp_path, f"pytest {options}")
    assert ("2 failed" if is_missing else "2 passed") in said, said
    assert code == is_missing, said
    assert said.count(FOUND) == (2 if is_missing else 0), said
