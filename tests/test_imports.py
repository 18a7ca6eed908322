"""Which room may import which, and what no room may use."""

import ast
from pathlib import Path

import pytest

import wsgi_placeholder

PACKAGE = Path(wsgi_placeholder.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up; a room imports from its own line and from those above it only.
ROOMS = [
    {"errors", "version", "registry", "forks", "promise", "tokens", "signatures"},
    {"drawing"},
    {"spec", "sizes"},
    {"formats"},
    {"dialects", "styles", "cache", "workshop", "missing"},
    {"config", "option_values"},
    {"rendering", "urls", "unsigned"},
    {"http"},
    {"substitutes"},
    {"middleware", "memory", "text_images", "text_picture"},
    {"", "server", "listings", "testing"},
    {"integrations", "cli"},
    {"__main__"},
]
LEVELS = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}


def room_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imported(tree):
    """The rooms a module imports, for type checking or not, at its top or in a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            names = [node.module]
            if node.module == "wsgi_placeholder":
                # A room, or a public name of the package itself.
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [n if n.rpartition(".")[2] in LEVELS else node.module for n in names]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "wsgi_placeholder":
                yield (name + ".").split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_lower_rooms_do_not_import_higher_ones(path):
    room = room_of(path)
    assert room in LEVELS, f"{room} is a new room: say above which others it stands"
    for other in imported(ast.parse(path.read_text())):
        assert LEVELS[other] <= LEVELS[room], f"{room} imports {other}"


def names_used(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_decoded_unpickled_or_evaluated(path):
    """T-I8, T-I9: images of strangers are never opened, bytes of a cache never executed

    The contract suites open what our own encoders wrote, and nothing imports them. `memory` opens
    what the app gives it, only in formats that it names, and the middleware does not import it.
    """
    tree = ast.parse(path.read_text())
    used = set(names_used(tree))
    roots = {name.partition(".")[0] for name in used}
    assert not roots & {"pickle", "marshal", "shelve", "dill", "yaml", "subprocess"}
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}
    room = room_of(path)
    if room == "memory":
        opened = [node for node in ast.walk(tree) if is_image_open(node)]
        assert all("formats" in {word.arg for word in node.keywords} for node in opened)
    elif room != "testing":
        assert not used & {"Image.open", "PIL.Image.open"}
        assert not {"testing", "memory"} & set(imported(tree))


def is_image_open(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Image.open")


def test_the_checks_see_what_they_look_for():
    tree = ast.parse("from PIL import Image\nimport pickle\nImage.open(x)")
    assert {"pickle", "Image.open"} <= set(names_used(tree))
    tree = ast.parse("def f():\n    from wsgi_placeholder import Config, http\n")
    assert set(imported(tree)) == {"", "http"}
    tree = ast.parse("import wsgi_placeholder.cache.memory")
    assert set(imported(tree)) == {"cache"}
