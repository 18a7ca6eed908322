"""The command line: serve, render, url, convert, and lists of what can be asked for.

The flags of an option come from the table in `config`; the variables `WSGI_PLACEHOLDER_...` of the
environment are read first, and flags win. A mistake is one line and exit status 2.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from wsgi_placeholder import formats, listings, registry, server
from wsgi_placeholder.config import OPTIONS, BadOption, Config, from_environ, variable, written
from wsgi_placeholder.dialects import native
from wsgi_placeholder.dialects._parameters import READERS
from wsgi_placeholder.errors import PlaceholderError, nearest
from wsgi_placeholder.middleware import PlaceholderMiddleware, not_found
from wsgi_placeholder.rendering import render
from wsgi_placeholder.urls import convert, url_for
from wsgi_placeholder.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from wsgiref.types import WSGIApplication

_PROGRAM = "wsgi-placeholder"
# The options that `formats` depends on.
_LIMITS = ("max_pixels", "max_memory", "max_seconds")
# What `url` says of each parameter of a URL.
_PARAMETERS = {
    "text": "| ends a line; {width}, {height} and the like are filled in",
    "bg": "background: hex digits, a CSS name or transparent",
    "fg": "colour of text and border",
    "style": "look",
    "font": "font family, one of those that 'fonts' lists",
    "size": "pixels per em of the text",
    "weight": "font weight: 100, 200 ... 900, or a name such as bold",
    "align": "where the text stands: left, top-right ...",
    "padding": "least pixels between text and edge",
    "radius": "pixels of the round corners",
    "border": "pixels, or pixels and colour: 2,navy",
    "scale": "device pixels for each pixel, 1 to 4",
    "quality": "of JPEG, WebP and AVIF, 1 to 100",
    "format": "one of those that 'formats' lists, or auto: by Accept",
    "grayscale": "no colours; --grayscale=0: as they are",
    "seed": "any text: chooses among the pictures of a style",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (by default that of the process) asks for.

    Returns the exit status, 0, or 130 after Ctrl-C; raises SystemExit with 2 for a mistake.
    """
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    try:
        arguments = read(sys.argv[1:] if argv is None else argv, os.environ)
        arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except (registry.PluginError, server.CannotServe, listings.CannotList) as error:
        fail(" ".join(str(error).split()))
    except BrokenPipeError:
        # Whoever read our output has enough; the interpreter must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        fail(f"cannot write to standard output: {error.strerror}")
    return 0


def read(argv: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """Return the arguments, with `options` and their `config`, of environment and flags."""
    arguments, unknown = _parser().parse_known_args(argv)
    if unknown:
        name = unknown[0].partition("=")[0]
        if name.startswith("-"):
            fail(f"unknown option {name}; " + _advice(name, arguments))
        fail(f"unexpected argument {name}")
    given = {name: getattr(arguments, name) for name in arguments.names if name in arguments}
    for name, value in given.items():
        if isinstance(value, list):  # a flag given more than once; each may hold several
            given[name] = os.pathsep.join(value)
    try:
        arguments.options = {**from_environ(environ), **given}
    except (TypeError, ValueError) as error:
        fail(str(error))
    try:
        arguments.config = Config.of(**arguments.options)
    except BadOption as error:
        fail(str(error.at((_flag if error.name in given else variable)(error.name))))
    return arguments


def _advice(flag: str, arguments: argparse.Namespace) -> str:
    parameter = flag.lstrip("-").replace("-", "_")
    if "url" in arguments and (parameter in _PARAMETERS or parameter in native.ALIASES):
        return f"it belongs into the URL, as in '600x400?{parameter}=...'"
    if parameter in OPTIONS and not OPTIONS[parameter].repr:
        return f"others can read a command line; set the variable {variable(parameter)} instead"
    hint = nearest(flag, arguments.parser._option_string_actions)
    return f"did you mean {hint}?" if hint else f"see {arguments.parser.prog} --help"


def fail(sentence: str) -> NoReturn:
    """End the process with status 2 and one line on stderr."""
    print(f"{_PROGRAM}: {sentence}", file=sys.stderr)
    raise SystemExit(2)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage that would hide it."""

    def error(self, message: str) -> NoReturn:
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        hint = nearest(wrong[1], re.findall(r"\w+", wrong[2])) if wrong else None
        if wrong and hint:
            message = f"unknown command {wrong[1]}; did you mean {hint}?"
        fail(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM, description="Placeholder pictures: serve them, draw one, or make its URL."
    )
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {__version__}")
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Any, help: str, options: Iterable[str] = OPTIONS) -> _Parser:
        added = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        for option in [name for name in options if OPTIONS[name].repr]:  # others see a command
            _add_option(added, option)
        added.set_defaults(run=run, names=options, parser=added)
        return added

    serve = command("serve", _serve, "serve pictures, and a page of examples at /")
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    serve.add_argument(
        "--port", type=_port, default=8000, help="0: any free one (default: %(default)s)"
    )
    serve.add_argument("--app", metavar="MODULE:NAME", help="WSGI app to wrap, found from here")
    draw = command("render", _render, "draw one picture into a file")
    draw.add_argument("url", metavar="URL", help="such as '600x400?text=Hero'")
    draw.add_argument(
        "-o", "--output", metavar="FILE", help="its name may say the format; else standard output"
    )
    url = command("url", _url, "print the URL of a picture", ["prefix"])
    url.add_argument("picture", metavar="SIZE", help="600x400, 640x4:3, leaderboard, or a width")
    url.add_argument("height", metavar="HEIGHT", nargs="?", help="when SIZE is a width")
    names = {name: name for name in _PARAMETERS} | native.ALIASES
    names |= {name.replace("_", "-"): meant for name, meant in names.items()}
    for spelled, name in names.items():
        help = _PARAMETERS[name] if spelled == name else argparse.SUPPRESS
        keywords: dict[str, Any] = {"dest": name, "metavar": "VALUE", "help": help}
        if name == "grayscale":
            keywords |= {"nargs": "?", "const": "1", "type": _switch}
        url.add_argument(f"--{spelled}", **keywords)
    url.epilog = "All names that a URL knows are flags; --background, for one, is --bg."
    translate = command("convert", _convert, "print our URLs for those of services", ["prefix"])
    translate.add_argument("urls", metavar="URL", nargs="+", help="as it stands in a page")
    command(
        "formats", listings.formats, "list the formats, and how large a picture may be", _LIMITS
    )
    command("sizes", listings.sizes, "list the sizes that have names", ())
    command("fonts", listings.fonts, "list the font families", ("fonts",))
    missing = command("missing", listings.missing, "list what a site misses, for rsync", ["prefix"])
    missing.add_argument(
        "url", metavar="URL", help="of a running site; missing and missing_report are on there"
    )
    missing.add_argument(
        "--below", metavar="PATH", default="/", help="only what is below it, relative to it"
    )
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
    help = f"{OPTIONS[name].metadata['help']} (default: {written(default) or 'empty'})"
    parser.add_argument(
        _flag(name), default=argparse.SUPPRESS, help=help.replace("%", "%%"), **keywords
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 0 to 65535")
    return int(text)


def _switch(text: str) -> str:
    """Check here what may be the size in `url --grayscale 600x400`."""
    try:
        READERS["grayscale"](text, Config())
    except PlaceholderError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1, 0 or nothing") from error
    return text


def _serve(arguments: argparse.Namespace) -> None:
    if arguments.app:
        app: WSGIApplication = PlaceholderMiddleware(_load(arguments.app), **arguments.options)
    else:
        app = server.site(PlaceholderMiddleware(not_found, **arguments.options))
    server.run(app, arguments.host, arguments.port, arguments.config)


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
    if arguments.output and arguments.output.endswith(("/", os.sep)):
        fail(f"{arguments.output} is a folder; expected a file")
    if not arguments.output and sys.stdout.isatty():
        fail("standard output is a terminal; give -o FILE, or redirect it")
    wanted = _format_of(arguments.output or "")
    if wanted and not hasattr(arguments, "format"):
        # A file's name says what it is where the URL does not.
        arguments.options["format"] = wanted
    try:
        rendition = render(arguments.url, **arguments.options)
    except PlaceholderError as error:
        fail(error.sentence)
    if wanted not in ("", rendition.format):
        fail(
            f"{arguments.output} is the name of a {wanted}, but the picture is a {rendition.format}"
        )
    if rendition.missing:
        print(f"{_PROGRAM}: no installed font has {rendition.missing}", file=sys.stderr)
    if not arguments.output:
        sys.stdout.buffer.write(rendition.body)
        return
    try:
        Path(arguments.output).write_bytes(rendition.body)
    except OSError as error:
        fail(f"cannot write {arguments.output}: {error.strerror}")


def _format_of(path: str) -> str:
    """Return the format that a file's name asks for, "" for a name without extension."""
    known, extension = formats.by_extension(), Path(path).suffix[1:].lower()
    if not extension:
        return ""
    if extension not in known:
        hint = nearest(extension, known)
        fail(
            f"{path}: .{extension} is no format we can write; "
            + (f"did you mean .{hint}?" if hint else f"expected one of .{', .'.join(known)}")
        )
    return known[extension].name


def _url(arguments: argparse.Namespace) -> None:
    size = "x".join(filter(None, (arguments.picture, arguments.height)))
    given = ((name, getattr(arguments, name)) for name in _PARAMETERS)
    query = [(name, value) for name, value in given if value is not None]
    try:
        spec = native.parse("/" + size, query, arguments.config)
    except PlaceholderError as error:
        fail(error.sentence)
    print(url_for(spec, config=arguments.config))


def _convert(arguments: argparse.Namespace) -> None:
    status = 0
    for url in arguments.urls:
        try:
            print(convert(url, config=arguments.config))
        except PlaceholderError as error:
            print(f"{_PROGRAM}: {url}: {error.sentence}", file=sys.stderr)
            status = 2
    if status:
        raise SystemExit(status)
