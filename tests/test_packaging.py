"""What is built and installed is what is meant to be: sdist, wheel, metadata, a fresh venv."""

import ast
import configparser
import email
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from wsgi_placeholder import __version__

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAME = f"wsgi_placeholder-{__version__}"

SMOKE = """
import importlib.metadata, json, sys
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import wsgi_placeholder
from wsgi_placeholder import PlaceholderMiddleware, render
from wsgi_placeholder.middleware import not_found

assert render("30x20.png", system_fonts=False).body.startswith(b"\\x89PNG")
app = validator(PlaceholderMiddleware(validator(not_found), system_fonts=False))

def ask(path):
    environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = path
    statuses = []
    iterable = app(environ, lambda status, headers, exc_info=None: statuses.append(status))
    body = b"".join(iterable)
    iterable.close()
    return statuses[0], len(body) > 0

entries = importlib.metadata.distribution("wsgi-placeholder").entry_points
json.dump({
    "file": wsgi_placeholder.__file__,
    "versions": [wsgi_placeholder.__version__, importlib.metadata.version("wsgi-placeholder")],
    "ours": ask("/placeholder/30x20"),
    "theirs": ask("/other"),
    "loaded": {f"{entry.group}:{entry.name}": callable(entry.load()) for entry in entries},
}, sys.stdout)
"""


def run(*command, cwd):
    """Run a command away from the source tree and without anything pointing back to it."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "WSGI_"))}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the sdist and of the wheel made from it, and all that the build said."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    ignored = shutil.ignore_patterns(".*", "build", "dist", "venv", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, source, ignore=ignored)
    for part in ("wsgi_placeholder", "tests", "examples"):
        (source / part / "__pycache__").mkdir()
        (source / part / "__pycache__" / "left_behind.pyc").touch()
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist")
    return folder / "dist", run(*command, source, cwd=folder)


@pytest.fixture(scope="module")
def sdist(built):
    with tarfile.open(built[0] / f"{NAME}.tar.gz") as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(built[0] / f"{NAME}-py3-none-any.whl") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel):
    return email.message_from_bytes(wheel[f"{NAME}.dist-info/METADATA"])


@pytest.fixture(scope="module")
def venv(built, tmp_path_factory):
    """A new environment with the wheel in it; our dependencies are borrowed, behind it."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    wheel = built[0] / f"{NAME}-py3-none-any.whl"
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-deps", wheel, cwd=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-I", "-c", where, cwd=folder).strip())
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(borrowed))
    return scripts


def test_the_build_says_nothing_alarming(built):
    said = built[1].lower()
    assert "deprecat" not in said
    assert "is absent from" not in said
    assert "traceback" not in said


def test_the_sdist_holds_all_that_is_needed_to_work_on_it(sdist):
    wanted = {"pyproject.toml", "setup.cfg", "MANIFEST.in", "LICENSE", "README.md"}
    wanted |= {"wsgi_placeholder/py.typed", "examples/plugin/acme_placeholders/stripes.py"}
    wanted |= {"tests/test_packaging.py", "docs/how-a-request-travels.md"}
    assert wanted <= sdist
    litter = re.compile(r"(^|/)\.|(^|/)build/|\.egg-info|\.py[cod]$|__pycache__")
    for folder in ("tests", "examples", "docs", "wsgi_placeholder"):
        here = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.*")}
        here = {name for name in here if not litter.search(name)}
        assert here
        assert here <= sdist


def test_the_sdist_holds_no_litter(sdist):
    assert not [name for name in sdist if re.search(r"\.py[cod]$|__pycache__|(^|/)\.", name)]


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    assert {name.partition("/")[0] for name in wheel} == {"wsgi_placeholder", f"{NAME}.dist-info"}
    modules = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "wsgi_placeholder").rglob("*")
        if path.suffix in (".py", ".typed", ".html", ".css", ".js")
    }
    assert "wsgi_placeholder/py.typed" in modules
    assert {name for name in wheel if name.startswith("wsgi_placeholder/")} == modules


def test_the_wheel_carries_the_licence(wheel, metadata):
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License"] is None
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert b"MIT License" in wheel[f"{NAME}.dist-info/licenses/LICENSE"]


def test_metadata(metadata):
    assert metadata["Name"] == "wsgi-placeholder"
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert {"serve", "paste", "fonts"} <= set(metadata.get_all("Provides-Extra"))
    # A licence classifier beside the SPDX expression would say it twice (PEP 639 forbids it).
    assert not [c for c in metadata.get_all("Classifier") if c.startswith("License")]


def test_dependencies_are_those_that_are_imported(metadata):
    """Without the extras: nothing unused is installed with us, nothing used is forgotten."""
    providers = importlib.metadata.packages_distributions()
    required = {
        re.match("[A-Za-z0-9.-]+", requirement)[0].lower()
        for requirement in metadata.get_all("Requires-Dist")
        if "extra ==" not in requirement
    }
    imported = set()
    for path in (ROOT / "wsgi_placeholder").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.partition(".")[0])
    imported -= sys.stdlib_module_names
    named = {dist.lower() for name in imported for dist in providers.get(name, [name])}
    # The fonts themselves are found by fontpkg, which comes with each of them.
    assert required - named <= {"fontpkg-inter"}
    optional = {"waitress", "pastedeploy", "paste", "django", "faker", "urllib3", "cryptography"}
    assert named - required - optional <= {"wsgi-placeholder", "wsgi_placeholder", "fontpkg"}


def test_the_wheel_works_outside_the_source_tree(venv, tmp_path):
    (tmp_path / "smoke.py").write_text(SMOKE)
    said = run(venv / "python", "-I", "smoke.py", cwd=tmp_path)
    answer = json.loads(said[said.index('{"') :])
    assert Path(answer["file"]).is_relative_to(venv.parent)
    assert answer["versions"] == [__version__, __version__]
    assert answer["ours"] == ["200 OK", True]
    assert answer["theirs"] == ["404 Not Found", True]
    assert answer["loaded"] == {
        "console_scripts:wsgi-placeholder": True,
        "paste.app_factory:main": True,
        "paste.filter_app_factory:main": True,
    }


def test_every_module_of_the_wheel_can_be_imported(wheel, venv, tmp_path):
    """With warnings as errors; __main__ would run."""
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in wheel
        if name.endswith(".py") and not name.endswith("__main__.py")
    ]
    cgi = "ignore:'cgi' is deprecated:DeprecationWarning"  # WebOb, up to Python 3.12
    script = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    run(venv / "python", "-I", "-W", "error", "-W", cgi, "-c", script, *names, cwd=tmp_path)


@pytest.mark.parametrize("command", [["wsgi-placeholder"], ["python", "-m", "wsgi_placeholder"]])
def test_its_command_line(venv, tmp_path, command):
    command = [venv / command[0], *command[1:]]
    assert "usage: wsgi-placeholder" in run(*command, "--help", cwd=tmp_path)
    assert __version__ in run(*command, "--version", cwd=tmp_path)
    run(*command, "render", "40x30.png", "-o", "picture.png", cwd=tmp_path)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_no_fact_is_stated_twice():
    """setuptools fails obscurely, or silently prefers one, when both files describe a project."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup.sections()
    for section in setup.sections():
        tool = re.split("[:.]", section.removeprefix("tool:"))[0]
        assert tool not in ("metadata", "options")
        assert tool not in PYPROJECT["tool"]
        assert not setup.options(section) & PYPROJECT["project"].keys()


def test_one_version():
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PYPROJECT["project"]
    stated = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "wsgi_placeholder").rglob("*.py")
        if re.search(r"^__version__ = ", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert stated == ["wsgi_placeholder/version.py"]
