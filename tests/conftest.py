"""Shared fixtures: one middleware between validators, at the root and below a mount point."""

from __future__ import annotations

import dataclasses
import os
from wsgiref.validate import validator

import pytest
from asking import ask, checked, environ_for, page

# Before anything imports it, or failures of the suites would not show their values.
pytest.register_assert_rewrite("wsgi_placeholder.testing")

from wsgi_placeholder import PlaceholderMiddleware, formats  # noqa: E402


@pytest.fixture(scope="session")
def middleware():
    """The middleware with its defaults; tests that count or change anything make their own."""
    return PlaceholderMiddleware(validator(page))


@pytest.fixture(params=["", "/sub"], ids=["root", "mounted"])
def mount(request):
    return request.param


@pytest.fixture
def get(middleware, mount):
    """Ask `get(url, method, header="...", app=...)` between validators, below each mount."""

    def get(url, method="GET", app=middleware, **headers):
        return ask(checked(app), environ_for(url, method, mount, **headers))

    return get


@pytest.fixture
def encoded(monkeypatch, middleware):
    """The names of the formats encoded so far: one for each picture that is really made.

    `middleware` is made before the spies, so its warming up does not count.
    """
    names = []
    formats.by_extension()  # is kept once it is made, and must not be made of spies
    for name, format in list(formats.installed().items()):

        def encode(scene, quality=None, format=format):
            names.append(format.name)
            return format.encode(scene, quality)

        spied = dataclasses.replace(format, encode=encode)
        monkeypatch.setitem(formats.installed(), name, spied)
    return names


def pytest_sessionfinish(session):
    """In CI nothing may hide: a test that was skipped has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if "CI" in os.environ and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_addoption(parser):
    parser.addoption(
        "--fuzz", type=int, default=5_000, help="how many random requests test_fuzz.py makes"
    )
