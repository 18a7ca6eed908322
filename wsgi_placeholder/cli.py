"""The command line: serve, render, url, formats.

The flags of an option come from the table in `config`; the variables `WSGI_PLACEHOLDER_...` of the
environment are read first, and flags win. A mistake is one line and exit status 2.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import pkgutil
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from wsgi_placeholder import formats, registry, server
from wsgi_placeholder.config import OPTIONS, Config, from_environ, nearest_option, written
from wsgi_placeholder.dialects import allowed_pixels, native
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.middleware import PlaceholderMiddleware, not_found, url_for
from wsgi_placeholder.rendering import render
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from wsgiref.types import WSGIApplication

_PROGRAM = "wsgi-placeholder"
# What `url` can say of a picture: the fields of a Spec that the query of a URL knows too.
_PARAMETERS = [
    field.name
    for field in dataclasses.fields(Spec)
    if field.name not in ("width", "height", "border_color")
]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (by default that of the process) asks for.

    Returns the exit status, 0, or 130 after Ctrl-C; raises SystemExit with 2 for a mistake.
    """
    try:
        arguments = read(sys.argv[1:] if argv is None else argv, os.environ)
        arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough; the interpreter must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def read(argv: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """Return the arguments, with `options` and their `config`, of environment and flags."""
    arguments, unknown = _parser().parse_known_args(argv)
    if unknown:
        name = unknown[0].partition("=")[0]
        if name.startswith("-"):
            flags = re.findall("--[a-z-]+", arguments.parser.format_usage())
            fail(f"unknown option {name}; {nearest_option(name, flags)}")
        fail(f"unexpected argument {name}")
    given = {name: getattr(arguments, name) for name in arguments.names if name in arguments}
    for name, value in given.items():
        if isinstance(value, list):  # a flag given more than once; each may hold several
            given[name] = os.pathsep.join(value)
    try:
        arguments.options = {**from_environ(environ), **given}
        arguments.config = Config.of(**arguments.options)
    except (TypeError, ValueError) as error:
        fail(str(error))
    return arguments


def fail(sentence: str) -> NoReturn:
    """End the process with status 2 and one line on stderr."""
    print(f"{_PROGRAM}: {sentence}", file=sys.stderr)
    raise SystemExit(2)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage that would hide it."""

    def error(self, message: str) -> NoReturn:
        fail(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM, description="Placeholder pictures: serve them, draw one, or make its URL."
    )
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {__version__}")
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Any, help: str, options: Iterable[str] = OPTIONS) -> _Parser:
        added = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        for option in options:
            _add_option(added, option)
        added.set_defaults(run=run, names=options, parser=added)
        return added

    serve = command("serve", _serve, "serve pictures, and a page of examples at /")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=_port, default=8000, help="0: any free one (%(default)s)")
    serve.add_argument("--app", metavar="MODULE:NAME", help="WSGI app to wrap, found from here")
    draw = command("render", _render, "draw one picture into a file")
    draw.add_argument("url", metavar="URL", help="native URL, such as '600x400?text=Hero'")
    draw.add_argument("-o", "--output", metavar="FILE", help="instead of standard output")
    url = command("url", _url, "print the URL of a picture", ["prefix"])
    url.add_argument("picture", metavar="SIZE", help="such as 600x400, 640x4:3 or leaderboard")
    for name in _PARAMETERS:
        url.add_argument(_flag(name), metavar="VALUE", help="as in a URL")
    command("formats", _formats, "list the formats, and how large a picture of each may be")
    return parser


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _add_option(parser: argparse.ArgumentParser, name: str) -> None:
    """Add the flag of an option. One that is not given leaves no attribute behind."""
    default = OPTIONS[name].default
    keywords: dict[str, Any] = {"metavar": "VALUE"}
    if isinstance(default, bool):
        keywords = {"action": argparse.BooleanOptionalAction}
    elif isinstance(default, tuple):
        keywords |= {"action": "append"}
    help = f"{OPTIONS[name].metadata['help']} ({written(default) or 'none'})"
    parser.add_argument(
        _flag(name), default=argparse.SUPPRESS, help=help.replace("%", "%%"), **keywords
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 0 to 65535")
    return int(text)


def _serve(arguments: argparse.Namespace) -> None:
    if arguments.app:
        app: WSGIApplication = PlaceholderMiddleware(_load(arguments.app), **arguments.options)
    else:
        app = server.site(PlaceholderMiddleware(not_found, **arguments.options))
    try:
        server.run(app, arguments.host, arguments.port, arguments.config.prefix)
    except server.CannotServe as error:
        fail(str(error))


def _load(name: str) -> WSGIApplication:
    sys.path.insert(0, os.getcwd())
    try:
        app = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        fail(f"--app {name}: {error}")
    if not callable(app):
        fail(f"--app {name}: expected MODULE:NAME of a WSGI application")
    return app  # type: ignore[no-any-return]


def _render(arguments: argparse.Namespace) -> None:
    if not arguments.output and sys.stdout.isatty():
        fail("standard output is a terminal; give -o FILE, or redirect it")
    extension = Path(arguments.output or "").suffix[1:].lower()
    if extension in formats.by_extension() and not hasattr(arguments, "format"):
        # A file's name says what it is where the URL does not.
        arguments.options["format"] = extension
    try:
        rendition = render(arguments.url, **arguments.options)
    except PlaceholderError as error:
        fail(error.sentence)
    if rendition.missing:
        print(f"{_PROGRAM}: no installed font has {rendition.missing}", file=sys.stderr)
    if not arguments.output:
        sys.stdout.buffer.write(rendition.body)
        return
    try:
        Path(arguments.output).write_bytes(rendition.body)
    except OSError as error:
        fail(f"cannot write {arguments.output}: {error.strerror}")


def _url(arguments: argparse.Namespace) -> None:
    given = ((name, getattr(arguments, name)) for name in _PARAMETERS)
    query = [(name, value) for name, value in given if value is not None]
    try:
        spec = native.parse("/" + arguments.picture, query, arguments.config)
    except PlaceholderError as error:
        fail(error.sentence)
    print(url_for(**dataclasses.asdict(spec), config=arguments.config))


def _formats(arguments: argparse.Namespace) -> None:
    """Print a table; the largest picture is what format and configuration allow together."""
    rows = [("FORMAT", "MEDIA TYPE", "EXTENSIONS", "LARGEST SIDE", "MEGAPIXELS", "WRITTEN HERE")]
    for name in registry.names("formats"):
        format: formats.Format = registry.load("formats", name)
        pixels = min(allowed_pixels(format, Spec.of(1), arguments.config), format.max_side**2)
        rows.append(
            (
                format.name,
                format.media_type,
                ", ".join(format.extensions),
                str(format.max_side),
                f"{pixels / 1e6:.2f}",
                "yes" if format.available() else "no: this Pillow cannot",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
