"""The table of options: what each reads, what it refuses and how it says so."""

import dataclasses
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import fontpkg
import pytest

from wsgi_placeholder.config import (
    OPTIONS,
    BadOption,
    Config,
    from_environ,
    nearest_option,
    written,
)
from wsgi_placeholder.dialects import native
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.errors import BadParameter

FONT = str(fontpkg.families()["inter"].files[0].path)

GOOD = [
    ("prefix", "/placeholder", "/placeholder"),
    ("prefix", " img/ph/ ", "/img/ph"),
    ("prefix", "", ""),
    ("prefix", "/", ""),
    ("prefix", "/~a/b@c:d", "/~a/b@c:d"),
    ("format", "JPG", "jpeg"),
    ("format", " webp ", "webp"),
    ("format", "auto", "auto"),
    ("background", "#1a2B3c", Color(26, 43, 60)),
    ("background", "09f", Color(0, 153, 255)),
    ("background", "11223380", Color(17, 34, 51, 128)),
    ("background", "Tomato", Color(255, 99, 71)),
    ("background", "transparent", TRANSPARENT),
    ("background", Color(1, 2, 3, 4), Color(1, 2, 3, 4)),
    ("foreground", "auto", None),
    ("foreground", "", None),
    ("foreground", None, None),
    ("foreground", "fff", Color(255, 255, 255)),
    ("style", " Flat ", "flat"),
    ("font", "Inter", "inter"),
    ("font", "sans-serif", "inter"),
    ("weight", "700", 700),
    ("weight", 100, 100),
    ("weight", " Bold ", 700),
    ("weight", "extra-light", 200),
    ("fonts", "", ()),
    ("fonts", [], ()),
    ("fonts", FONT, (FONT,)),
    ("fonts", f" {FONT} {os.pathsep} {FONT}\n{FONT}\n", (FONT, FONT, FONT)),
    ("fonts", Path(FONT), (FONT,)),
    ("fonts", [Path(FONT), FONT], (FONT, FONT)),
    ("dialects", "", ()),
    ("dialects", "Native, native", ("native",)),
    ("dialects", ["native"], ("native",)),
    ("hosts", "", ()),
    ("missing", True, ("/",)),
    ("missing", "no", ()),
    ("missing", "/media/, .jpg", ("/media/", ".jpg")),
    ("missing_sizes", "^a = 9x8\n\nb=7", (("^a", "9x8"), ("b", "7"))),
    ("origin", "https://a.example, https://b.example", ("https://a.example", "https://b.example")),
    ("origin_store", "/srv", "/srv"),
    ("origin_store_at", "/media/", "/media/"),
    ("missing_aliases", "small=9x8, large = 90", (("small", "9x8"), ("large", "90"))),
    ("missing_text", "", ""),
    ("missing_status", "404", 404),
    ("missing_types", ".PDF csv:txt", (("pdf", ""), ("csv", ""), ("txt", ""))),
    ("missing_types", f"pdf, MP4={__file__}", (("pdf", ""), ("mp4", __file__))),
    ("missing_types", f"a={__file__},.B = {__file__}", (("a", __file__), ("b", __file__))),
    ("missing_types", {"pdf": "", "mp4": Path(__file__)}, (("pdf", ""), ("mp4", __file__))),
    ("missing_report", "on", True),
    ("learn", "on", True),
    ("hosts", False, ()),
    ("rewrite", "Placehold.it, placehold.co", ("placehold.it", "placehold.co")),
    ("system_fonts", "off", False),
    ("system_fonts", False, False),
    ("max_pixels", "4_000_000", 4_000_000),
    ("max_pixels", "1_0_0", 100),
    ("max_pixels", "007", 7),
    ("max_pixels", " 7 ", 7),
    ("max_memory", 10**6, 10**6),
    ("max_seconds", "0.5", 0.5),
    ("max_seconds", " 1e-1 ", 0.1),
    ("max_seconds", 1, 1.0),
    ("max_text", "0", 0),
    ("max_lines", "100", 100),
    ("max_url", "64", 64),
    ("max_fields", "1", 1),
    ("origin_private", "yes", True),
    ("secret", "", ()),
    ("secret", "\n", ()),
    ("secret", [], ()),
    ("require_signature", "false", ()),
    ("require_signature", "", ()),
    ("text_policy", " Any", "any"),
    ("text_policy", "signed", "signed"),
    ("text_policy", "[A-Za-z ]{0,9}", "[A-Za-z ]{0,9}"),
    ("cache_bytes", "0", 0),
    ("max_age", "0", 0),
    ("immutable", "Yes", True),
    ("immutable", "0", False),
    ("cors", "TRUE", True),
    ("cors", 1, True),
    ("cors", "", False),
]

WHOLE = "expected a whole number from "
COLOR = "expected 1, 2, 3, 4, 6 or 8 hex digits, a CSS colour name or transparent"
BAD = [
    ("prefix", "/a b", "expected a plain path such as /placeholder"),
    ("prefix", "/caf\u00e9", "expected a plain path"),
    ("prefix", "/a?b", "expected a plain path"),
    ("prefix", "/a%20b", "expected a plain path"),
    ("prefix", '/"><script>', "expected a plain path"),
    ("prefix", "/a\r\nb", "expected a plain path"),
    ("prefix", None, "expected a plain path"),
    ("format", "jpgg", "did you mean jpg?"),
    ("format", "exe", "expected one of "),
    ("format", None, "expected one of "),
    ("background", "tomatoe", COLOR + "; did you mean tomato?"),
    ("background", "12345", COLOR),
    ("background", None, COLOR),
    ("background", (1, 2, 3), COLOR),
    ("foreground", "nope", COLOR),
    ("style", "flatt", "expected one of flat"),
    ("font", "intre", "did you mean inter?"),
    ("font", "", "expected one of inter"),
    ("weight", "bolt", "expected 100 ... 900 or one of thin, "),
    ("weight", "bolt", "; did you mean bold?"),
    ("weight", "450", "expected 100 ... 900"),
    ("weight", 99, "expected 100 ... 900"),
    ("weight", 1000, "expected 100 ... 900"),
    ("weight", 700.0, "expected 100 ... 900"),
    ("weight", True, "expected 100 ... 900"),
    ("weight", "", "expected 100 ... 900"),
    ("weight", None, "expected 100 ... 900"),
    ("fonts", "/no/such.ttf", "/no/such.ttf"),
    ("fonts", __file__, "not a font"),
    ("fonts", None, "expected paths"),
    ("fonts", [1], "expected paths"),
    ("fonts", b"a.ttf", "expected paths"),
    ("dialects", "nonsense", "'nonsense' is unknown; expected some of "),
    ("dialects", "nativ", "; did you mean native?"),
    ("dialects", 7, "expected names"),
    ("hosts", "no.such.example", "'no.such.example' is unknown; expected some of "),
    ("system_fonts", "maybe", "expected true or false"),
    ("system_fonts", None, "expected true or false"),
    ("max_pixels", "many", WHOLE + "1 to 1000000000"),
    ("max_pixels", "0", WHOLE),
    ("max_pixels", "-1", WHOLE),
    ("max_pixels", "1.5", WHOLE),
    ("max_pixels", 1.5, WHOLE),
    ("max_pixels", True, WHOLE),
    ("max_pixels", None, WHOLE),
    ("max_pixels", "9" * 5000, WHOLE),
    ("max_pixels", "1__0", WHOLE),
    ("max_pixels", "1_", WHOLE),
    ("max_pixels", "_1", WHOLE),
    ("max_pixels", "1 0", WHOLE),
    ("max_pixels", "+1", WHOLE),
    ("max_pixels", "1e6", WHOLE),
    ("max_pixels", "", WHOLE),
    ("max_pixels", "\u0663", WHOLE),
    ("max_memory", "1", WHOLE),
    ("max_seconds", "soon", "expected seconds, above 0 and at most 3600"),
    ("max_seconds", "0", "expected seconds"),
    ("max_seconds", "nan", "expected seconds"),
    ("max_seconds", "inf", "expected seconds"),
    ("max_seconds", "-inf", "expected seconds"),
    ("max_seconds", float("nan"), "expected seconds"),
    ("max_seconds", "1e-400", "expected seconds"),
    ("max_seconds", "1e400", "expected seconds"),
    ("max_seconds", 10**400, "expected seconds"),
    ("max_seconds", "-1", "expected seconds"),
    ("max_seconds", "1__0", "expected seconds"),
    ("max_seconds", "", "expected seconds"),
    ("max_seconds", "  ", "expected seconds"),
    ("max_seconds", [], "expected seconds"),
    ("max_seconds", 3601, "expected seconds"),
    ("max_seconds", True, "expected seconds"),
    ("max_seconds", None, "expected seconds"),
    ("max_text", "2001", WHOLE + "0 to 2000"),
    ("max_lines", "0", WHOLE),
    ("max_url", "63", WHOLE),
    ("max_fields", "0", WHOLE),
    ("require_signature", "true", "expected the option secret beside it"),
    ("require_signature", "always", "expected true, text, or a number of pixels"),
    ("require_signature", ["text", 1], "expected true, text, or a number of pixels"),
    ("require_signature", None, "expected true, text, or a number of pixels"),
    ("text_policy", "(", "expected any, signed, or a regular expression: missing )"),
    ("text_policy", None, "expected any, signed, or a regular expression"),
    ("text_policy", "Off", "signed without a secret draws none"),
    ("text_policy", b"signed", "expected any, signed, or a regular expression"),
    ("cache_bytes", "-1", WHOLE),
    ("max_age", "31536001", WHOLE),
    ("immutable", "2", "expected true or false"),
    ("cors", "*", "expected true or false"),
]


@pytest.mark.parametrize(("name", "value", "read"), GOOD)
def test_good_values_are_read(name, value, read):
    found = getattr(Config.of(**{name: value}), name)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(("name", "value", "says"), BAD)
def test_bad_values_are_refused_with_the_name_and_what_was_expected(name, value, says):
    with pytest.raises(ValueError) as raised:
        Config.of(**{name: value})
    message = str(raised.value)
    assert message.startswith(f"option {name}={value!r}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("option", "parameter"),
    [("weight", "weight"), ("format", "format"), ("style", "style"), ("background", "bg")],
)
@pytest.mark.parametrize("value", [
    "100", "550", "900", "1000", "0700", "bold", "Semi-Bold", "semi_bold", "boldest",
    "JPG", "tiff", "auto", "Flat", "flat ", "f", "09f", "#09F", "navy", "transparent", "none",
])  # fmt: skip
def test_an_option_and_the_parameter_of_a_url_take_the_same(option, parameter, value):
    def read(take, field):
        try:
            return getattr(take(), field)
        except (BadOption, BadParameter):
            return None

    of_url = read(lambda: native.parse("/9", [(parameter, value)], Config()), option)
    assert read(lambda: Config.of(**{option: value}), option) == of_url


def test_a_bad_option_can_be_told_as_it_was_written():
    with pytest.raises(BadOption) as raised:
        Config.of(max_text="x")
    assert raised.value.name == "max_text"
    assert str(raised.value.at("--max-text")) == (
        "--max-text='x': expected a whole number from 0 to 2000"
    )


def test_what_no_text_can_say():
    assert Config.of(missing=print).missing == (print,)
    assert Config.of(missing_sizes=[["a", (9, None)]]).missing_sizes == (("a", (9, None)),)
    assert Config.of(missing_aliases={"small": (9, 8)}).missing_aliases == (("small", (9, 8)),)


SECRETS = ["6hx0OTvQ5Ai4u8dDtFYx0Np9mPQ2cRtz", "w7iVq3Zk1LrYb0GhJc5UeXn8sTaMdPfo"]


@pytest.mark.parametrize("given", [SECRETS, tuple(SECRETS), "\n ".join(SECRETS) + "\n"])
def test_secrets_are_read_and_not_told(given):
    config = Config.of(secret=given)
    assert config.secret == tuple(secret.encode() for secret in SECRETS)
    assert all(secret not in repr(config) for secret in SECRETS)


@pytest.mark.parametrize("wrong", ["only-25-bytes-8dDtFYx0Np9", ["8dDtFYx0Np9", SECRETS[0]], 5])
def test_a_weak_secret_is_refused_and_not_told(wrong):
    with pytest.raises(BadOption) as raised:
        Config.of(secret=wrong)
    assert "dDtFYx" not in f"{raised.value} {vars(raised.value)}"
    assert str(raised.value).startswith("option secret='…': ")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (True, ("all",)),
        ("yes", ("all",)),
        ("all", ("all",)),
        ("text", ("text",)),
        (2, (2,)),
        ("2_000_000", (2_000_000,)),
        ("text, 4000", ("text", 4000)),
        (["text", 4000], ("text", 4000)),
    ],
)
def test_what_can_need_a_signature(given, read):
    config = Config.of(secret=SECRETS, require_signature=given)
    assert config.require_signature == read
    again = Config.of(secret=SECRETS, require_signature=written(read))
    assert again.require_signature == read


@pytest.mark.parametrize("other", ["hosts", "rewrite"])
def test_all_urls_cannot_be_signed_where_others_write_them(other):
    Config.of(secret=SECRETS, require_signature="text", **{other: True})
    with pytest.raises(BadOption, match="URLs of other hosts cannot be signed"):
        Config.of(secret=SECRETS, require_signature=True, **{other: True})


def test_no_option_is_left_out_above():
    assert {name for name, *_ in GOOD} >= set(OPTIONS)


def test_the_defaults_are_what_their_own_readers_make_of_them():
    defaults = {name: option.default for name, option in OPTIONS.items()}
    assert Config.of() == Config() == Config.of(**defaults)


@pytest.mark.parametrize("name", OPTIONS)
def test_what_is_written_is_read_as_the_same(name):
    for value in [OPTIONS[name].default, *(read for option, _, read in GOOD if option == name)]:
        assert getattr(Config.of(**{name: written(value)}), name) == value


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_says_in_one_line_what_it_does(name):
    help = OPTIONS[name].metadata["help"]
    assert 10 < len(help) < 100
    assert not help.endswith(".")
    assert "\n" not in help


def test_an_unknown_option_is_refused_with_the_nearest_one():
    with pytest.raises(TypeError, match=r"^unknown option 'max_pixel'; did you mean max_pixels\?$"):
        Config.of(max_pixel=1)


def test_an_unknown_option_near_to_none_is_refused_with_all_of_them():
    with pytest.raises(TypeError, match=r"^unknown option 'zzz'; expected one of prefix, format, "):
        Config.of(zzz=1)
    assert nearest_option("zzz") == "expected one of " + ", ".join(OPTIONS)


def test_a_config_is_frozen_and_can_be_a_key():
    config = Config.of(cors=True)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.cors = False
    assert {config: 1}[Config.of(cors="on")] == 1
    assert config != Config.of()


def test_the_environment_is_read_by_name():
    environ = {
        "PATH": "/bin",
        "PLACEHOLDER_CORS": "1",
        "WSGI_PLACEHOLDER_MAX_PIXELS": "5",
        "WSGI_PLACEHOLDER_CORS": "on",
    }
    assert from_environ(environ) == {"max_pixels": "5", "cors": "on"}
    assert Config.of(**from_environ(environ)) == Config.of(max_pixels=5, cors=True)


def test_the_environment_counts_only_when_asked_for(monkeypatch):
    monkeypatch.setenv("WSGI_PLACEHOLDER_CORS", "1")
    assert not Config.of().cors
    assert Config.of(**from_environ(os.environ)).cors


def test_an_unknown_variable_is_refused_with_the_nearest_one():
    with pytest.raises(
        TypeError,
        match=r"^unknown environment variable WSGI_PLACEHOLDER_MAX_PIXEL;"
        r" did you mean WSGI_PLACEHOLDER_MAX_PIXELS\?$",
    ):
        from_environ({"WSGI_PLACEHOLDER_MAX_PIXEL": "5"})


def test_a_bad_value_of_a_variable_names_the_variable():
    with pytest.raises(BadOption, match=r"^WSGI_PLACEHOLDER_MAX_TEXT='x': expected a whole"):
        from_environ({"WSGI_PLACEHOLDER_MAX_TEXT": "x"})


def test_construction_leaves_nothing_behind(tmp_path):
    """In a process of its own, so that nothing has been loaded before.

    Audit events are raised where sockets are made, whoever makes them.
    """
    program = """
        import os, sys, threading

        opened = []
        sys.addaudithook(lambda event, _: opened.append(event) if event[:7] == "socket." else None)
        before = set(os.listdir("/dev/fd"))
        started = threading.Thread.start
        threading.Thread.start = lambda thread: opened.append(thread)

        from wsgi_placeholder import PlaceholderMiddleware
        from wsgi_placeholder.config import Config

        middleware = PlaceholderMiddleware(lambda environ, start_response: [], fonts=sys.argv[1])
        assert middleware.config == Config.of(fonts=sys.argv[1])
        assert not opened, opened
        assert threading.enumerate() == [threading.main_thread()]
        assert set(os.listdir("/dev/fd")) == before, os.listdir("/dev/fd")

        # The checks above do see what they look for.
        import socket
        with socket.socket(), open(os.devnull):
            threading.Thread(target=print).start()
            assert {type(thing) for thing in opened} == {str, threading.Thread}
            assert set(os.listdir("/dev/fd")) > before
    """
    subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:'cgi' is deprecated", "-c",
         textwrap.dedent(program), FONT],
        check=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
