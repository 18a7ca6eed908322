"""Plug-ins are found by name: files of a folder, and entry points of other packages."""

import importlib
import pkgutil
import subprocess
import sys
import textwrap

import pytest

from wsgi_placeholder import PlaceholderMiddleware, cli, dialects, formats, registry, rendering
from wsgi_placeholder.middleware import not_found

KINDS = {"formats": "FORMAT", "styles": "STYLE", "dialects": "DIALECT"}


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a made-up distribution on the path: its entry points and one module."""
    caches = (
        registry.names,
        registry.load,
        registry._sources,
        formats.installed,
        formats.by_extension,
        dialects.hosts,
        dialects._with_native,
        rendering._codecs,
    )

    def forget():
        for cache in caches:
            cache.cache_clear()

    def put(entry_points, source):
        info = tmp_path / "made_up-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1\n")
        (info / "entry_points.txt").write_text(textwrap.dedent(entry_points))
        (tmp_path / "made_up.py").write_text(textwrap.dedent(source))
        monkeypatch.syspath_prepend(tmp_path)
        forget()

    yield put
    sys.modules.pop("made_up", None)
    monkeypatch.undo()
    forget()


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_of_the_folder_is_a_plugin(kind):
    package = importlib.import_module(f"wsgi_placeholder.{kind}")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            name = module.name.replace("_", "-")
            assert name in registry.names(kind)
            source = importlib.import_module(f"{package.__name__}.{module.name}")
            assert registry.load(kind, name) is getattr(source, KINDS[kind])


def test_built_in_formats_are_known_by_their_file_name():
    assert {"png", "jpeg", "gif", "webp", "avif", "ico"} <= set(registry.names("formats"))
    for name, format in formats.installed().items():
        assert registry.load("formats", name) is format


def test_underscored_files_are_no_plugins():
    for kind in KINDS:
        assert not [name for name in registry.names(kind) if name.startswith(("_", "-"))]


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_name_is_a_key_error(kind):
    with pytest.raises(KeyError):
        registry.load(kind, "nonsense")


def test_an_unknown_kind_is_an_import_error():
    with pytest.raises(ImportError):
        registry.names("nonsense")


def test_listing_loads_no_format():
    """A codec is loaded by whoever writes with it; `import wsgi_placeholder` stays cheap."""
    script = """
import sys
import wsgi_placeholder
from wsgi_placeholder import registry
assert "png" in registry.names("formats")
print([name for name in sys.modules if name.startswith("wsgi_placeholder.formats.")])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_other_packages_add_theirs(install):
    install(
        """
        [wsgi_placeholder.styles]
        fancy = made_up:compose
        """,
        "def compose(spec, fonts): ...",
    )
    assert registry.names("styles")[-1] == "fancy"
    assert "made_up" not in sys.modules
    assert registry.load("styles", "fancy").__module__ == "made_up"


def test_built_in_plugins_cannot_be_replaced(install):
    """Else whoever is installed last changes what a URL means."""
    install(
        """
        [wsgi_placeholder.styles]
        flat = made_up:compose
        """,
        "def compose(spec, fonts): ...",
    )
    assert registry.names("styles").count("flat") == 1
    assert registry.load("styles", "flat").__module__ == "wsgi_placeholder.styles.flat"


@pytest.mark.parametrize(
    ("kind", "value", "source", "why"),
    [
        ("styles", "made_up:compose", "import no_such_module", "ModuleNotFoundError: No module na"),
        ("formats", "made_up:FORMAT", "raise KeyError('later')", "KeyError: 'later'"),
        ("dialects", "made_up:DIALECT", "1 / 0", "ZeroDivisionError: division by zero"),
        ("formats", "made_up:FORMAT", "", "AttributeError: module 'made_up' has no attribute"),
        ("formats", "made_up", "", "TypeError: expected a Format, not <module 'made_up'"),
        ("styles", "made_up:STYLE", "STYLE = None", "TypeError: expected a Style, not None"),
        ("dialects", "made_up:parse", "def parse(): ...", "TypeError: expected a Dialect, not <fu"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named_with_its_distribution(
    install, kind, value, source, why
):
    install(f"[wsgi_placeholder.{kind}]\nodd = {value}\n", source)
    with pytest.raises(registry.PluginError) as raised:
        registry.load(kind, "odd")
    start = f"the plug-in 'odd' of {kind} ({value}, from made-up 1) cannot be used: {why}"
    assert str(raised.value).startswith(start)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plugin_that_cannot_be_used_stops_the_site_at_start(install, kind):
    install(f"[wsgi_placeholder.{kind}]\nodd = made_up:NONE\n", "")
    with pytest.raises(registry.PluginError, match="'odd'"):
        PlaceholderMiddleware(not_found)


@pytest.mark.parametrize("command", ["serve --port 0", "render 9 -o x.png", "formats"])
def test_the_command_line_says_it_in_one_line(install, command, capsys, tmp_path, monkeypatch):
    install("[wsgi_placeholder.formats]\nodd = made_up:FORMAT\n", "raise ImportError('one\\ntwo')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as raised:
        cli.main(command.split())
    assert raised.value.code == 2
    assert capsys.readouterr().err == (
        "wsgi-placeholder: the plug-in 'odd' of formats (made_up:FORMAT, from made-up 1) cannot be"
        " used: ImportError: one two\n"
    )


def test_a_format_that_cannot_be_written_here_is_unknown(install):
    install(
        """
        [wsgi_placeholder.formats]
        later = made_up:FORMAT
        """,
        """
        import dataclasses
        from wsgi_placeholder.formats import png
        FORMAT = dataclasses.replace(
            png.FORMAT, name="later", extensions=("later",), available=lambda: False
        )
        """,
    )
    assert "later" in registry.names("formats")
    assert "later" not in formats.installed()
    assert "later" not in formats.by_extension()
    assert "png" in formats.by_extension()
