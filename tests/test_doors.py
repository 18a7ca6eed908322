"""Five doors to the options: keywords, environment, Paste Deploy, Django and command line.

Whatever is in the table goes through all of them and comes out as the same Config.
"""

import os
import subprocess
import sys

import django.conf
import fontpkg
import pytest
from asking import ask, environ_for
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from paste.deploy import loadapp

from wsgi_placeholder import PlaceholderMiddleware, cli
from wsgi_placeholder.config import OPTIONS, Config, from_environ, written
from wsgi_placeholder.integrations.django import placeholders
from wsgi_placeholder.integrations.paste import app_factory, filter_app_factory

if not django.conf.settings.configured:
    django.conf.settings.configure()

# Something here is, for every option, good and not its default; a new option needs no new line
# as long as that stays true.
SECRET = "6hx0OTvQ5Ai4u8dDtFYx0Np9mPQ2cRtz"
SAMPLES = [
    "7", "70", "700", "70000", "7000000", "on", "off", SECRET, "/elsewhere", "jpeg", "tomato",
    "native", "placehold.co", "404", "pdf", "small=100x100", "https://example.com",
    str(fontpkg.families()["inter"].files[0].path),
]  # fmt: skip
# The options that have one good value only where nothing is installed in addition.
LONELY = {"style", "font"}
# What an option is refused without.
BESIDE = {"require_signature": {"secret": SECRET}}


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the app"]


def other_value(name):
    """A good value of an option, as a string, that is not its default."""
    for sample in SAMPLES:
        try:
            config = Config.of(**{name: sample}, **BESIDE.get(name, {}))
            if getattr(config, name) != OPTIONS[name].default:
                return sample
        except ValueError:
            continue
    assert name in LONELY, f"add a good value of {name} to SAMPLES"
    return written(OPTIONS[name].default)


def keywords(values, tmp_path):
    config = Config.of(**values)
    return PlaceholderMiddleware(app, **{name: getattr(config, name) for name in values}).config


def environment(values, tmp_path):
    environ = {"WSGI_PLACEHOLDER_" + name.upper(): value for name, value in values.items()}
    return PlaceholderMiddleware(app, **from_environ(environ)).config


def paste_filter(values, tmp_path):
    return loadapp(f"config:{ini(values, tmp_path)}").config


def paste_app(values, tmp_path):
    path = ini({"prefix": "/placeholder", **values}, tmp_path)
    return loadapp(f"config:{path}", name="alone").config


def ini(values, tmp_path):
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    path = tmp_path / "app.ini"
    path.write_text(
        f"[filter-app:main]\nuse = egg:wsgi-placeholder\nnext = inner\n{lines}\n"
        f"[app:inner]\npaste.app_factory = {__name__}:paste_inner\n\n"
        f"[app:alone]\nuse = egg:wsgi-placeholder\n{lines}"
    )
    return path


def paste_inner(global_conf):
    return app


def django_strings(values, tmp_path):
    with override_settings(WSGI_PLACEHOLDER=values):
        return placeholders(app).config


def django_values(values, tmp_path):
    config = Config.of(**values)
    with override_settings(
        WSGI_PLACEHOLDER={name.upper(): getattr(config, name) for name in values}
    ):
        return placeholders(app).config


def command_line(values, tmp_path):
    flags, environ = [], {}
    for name, value in values.items():
        flag = name.replace("_", "-")
        if not OPTIONS[name].repr:  # others can read a command line
            environ["WSGI_PLACEHOLDER_" + name.upper()] = value
        elif isinstance(OPTIONS[name].default, bool):
            flags.append(f"--{flag}" if value == "on" else f"--no-{flag}")
        else:
            flags += [f"--{flag}", value]
    return cli.read(["serve", *flags], environ).config


def command_line_environment(values, tmp_path):
    environ = {"WSGI_PLACEHOLDER_" + name.upper(): value for name, value in values.items()}
    return cli.read(["formats"], environ).config


DOORS = [
    keywords,
    environment,
    paste_filter,
    paste_app,
    django_strings,
    django_values,
    command_line,
    command_line_environment,
]


@pytest.fixture(params=DOORS, ids=lambda door: door.__name__)
def door(request, tmp_path):
    return lambda values: request.param(values, tmp_path)


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_the_same_through_every_door(door, name):
    values = {name: other_value(name), **BESIDE.get(name, {})}
    assert door(values) == Config.of(**values)


def test_all_options_together_are_the_same_through_every_door(door):
    values = {name: other_value(name) for name in OPTIONS}
    assert door(values) == Config.of(**values)


def test_no_options_are_the_defaults_through_every_door(door):
    assert door({}) == Config()


@pytest.mark.parametrize(
    ("door", "spelled"),
    [  # the other two convert before they ask
        (environment, "WSGI_PLACEHOLDER_{upper}"),
        (paste_filter, "{folder}/app.ini: {name}"),
        (paste_app, "{folder}/app.ini: {name}"),
        (django_strings, "WSGI_PLACEHOLDER['{name}']"),
        (command_line, "wsgi-placeholder: --{flag}"),
        (command_line_environment, "wsgi-placeholder: WSGI_PLACEHOLDER_{upper}"),
    ],
    indirect=["door"],
)
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("max_pixels", "many", "expected a whole number from 1 to"),
        ("max_seconds", "nan", "expected seconds, above 0"),
        ("background", "tomatoe", "expected 1, 2, 3, 4, 6 or 8 hex digits"),
    ],
)
def test_a_bad_value_is_refused_as_the_door_spells_it(
    door, spelled, tmp_path, capsys, name, value, says
):
    with pytest.raises((ValueError, ImproperlyConfigured, SystemExit)) as raised:
        door({name: value})
    flag = name.replace("_", "-")
    spelled = spelled.format(name=name, upper=name.upper(), flag=flag, folder=tmp_path)
    message = capsys.readouterr().err or str(raised.value)
    assert message.startswith(f"{spelled}={value!r}: {says}")


@pytest.mark.parametrize(
    ("flags", "environ", "says"),
    [
        (["--font", "intre"], {}, "--font='intre': expected one of inter"),
        ([], {"WSGI_PLACEHOLDER_FONT": "intre"}, "WSGI_PLACEHOLDER_FONT='intre': expected one of"),
        (["--fonts", "/no.ttf"], {}, "--fonts='/no.ttf': cannot read /no.ttf: "),
        # The variable is wrong, the flag is not.
        (
            ["--max-text", "5"],
            {"WSGI_PLACEHOLDER_MAX_TEXT": "x"},
            "WSGI_PLACEHOLDER_MAX_TEXT='x': ",
        ),
    ],
)
def test_the_command_line_says_where_a_bad_value_came_from(capsys, flags, environ, says):
    with pytest.raises(SystemExit):
        cli.read(["serve", *flags], environ)
    assert capsys.readouterr().err.startswith(f"wsgi-placeholder: {says}")


@pytest.mark.parametrize(
    "door",
    [d for d in DOORS if d not in (keywords, django_values, command_line)],
    indirect=True,
    ids=lambda door: door.__name__,
)
def test_an_unknown_option_is_refused_at_every_door(door, capsys):
    with pytest.raises((TypeError, ImproperlyConfigured, SystemExit)) as raised:
        door({"max_pixel": "5"})
    message = (str(raised.value) + capsys.readouterr().err).lower()
    assert "max_pixel" in message
    assert "did you mean" in message
    assert "max_pixels?" in message


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match=r"'max_pixel'; did you mean max_pixels\?"):
        PlaceholderMiddleware(app, max_pixel=5)


def test_an_unknown_flag_is_refused(capsys):
    with pytest.raises(SystemExit) as raised:
        cli.read(["serve", "--max-pixel", "5"], {})
    assert raised.value.code == 2
    said = capsys.readouterr().err
    assert said == "wsgi-placeholder: unknown option --max-pixel; did you mean --max-pixels?\n"


def test_a_flag_is_not_guessed_from_its_beginning(capsys):
    with pytest.raises(SystemExit):
        cli.read(["serve", "--max-pix", "5"], {})
    assert "did you mean --max-pixels?" in capsys.readouterr().err


def test_flags_beat_the_environment():
    environ = {"WSGI_PLACEHOLDER_MAX_PIXELS": "5", "WSGI_PLACEHOLDER_CORS": "on"}
    config = cli.read(["serve", "--max-pixels", "6", "--no-cors"], environ).config
    assert config == Config.of(max_pixels=6, cors=False)


def test_a_flag_for_several_paths_may_be_given_several_times():
    font = str(fontpkg.families()["inter"].files[0].path)
    config = cli.read(["serve", "--fonts", f"{font}{os.pathsep}{font}", "--fonts", font], {}).config
    assert config.fonts == (font, font, font)


# Paste Deploy


@pytest.mark.parametrize("factory", [lambda *a, **k: filter_app_factory(app, *a, **k), app_factory])
def test_an_option_in_the_default_section_is_refused(factory):
    """Paste Deploy would drop the one of our own section without a word."""
    with pytest.raises(ValueError, match=r"option max_pixels stands in \[DEFAULT\].* get max_pix"):
        factory({"here": "/srv", "max_pixels": "5"}, cors="on")


def test_an_option_in_the_default_section_of_a_file_is_refused(tmp_path):
    path = ini({"prefix": "/mine"}, tmp_path)
    path.write_text("[DEFAULT]\nprefix = /theirs\n\n" + path.read_text())
    with pytest.raises(ValueError, match="option prefix stands in"):
        loadapp(f"config:{path}")


def test_the_way_out_that_the_message_names_works(tmp_path):
    path = ini({"get prefix": "prefix"}, tmp_path)
    path.write_text("[DEFAULT]\nprefix = /theirs\ndebug = true\n\n" + path.read_text())
    assert loadapp(f"config:{path}").config == Config.of(prefix="/theirs")


def test_a_filter_wraps_the_app_and_answers(tmp_path):
    application = loadapp(f"config:{ini({'prefix': '/ph'}, tmp_path)}")
    assert ask(application, environ_for("/")).body == b"the app"
    assert ask(application, environ_for("/ph/30x20"))["Content-Type"] == "image/png"


def test_an_app_alone_owns_every_url_unless_it_has_a_prefix(tmp_path):
    application = loadapp(f"config:{ini({}, tmp_path)}", name="alone")
    assert application.config.prefix == ""
    assert ask(application, environ_for("/30x20"))["Content-Type"] == "image/png"


# Django


def test_django_without_the_setting_has_the_defaults():
    assert not hasattr(django.conf.settings, "WSGI_PLACEHOLDER")
    assert placeholders(app).config == Config()


def test_django_says_where_the_mistake_is():
    with (
        override_settings(WSGI_PLACEHOLDER={"MAX_PIXEL": 5}),
        pytest.raises(ImproperlyConfigured, match=r"^WSGI_PLACEHOLDER: unknown .* max_pixels\?$"),
    ):
        placeholders(app)
    with (
        override_settings(WSGI_PLACEHOLDER=["cors"]),
        pytest.raises(ImproperlyConfigured, match=r"^WSGI_PLACEHOLDER: expected a dict"),
    ):
        placeholders(app)


def test_django_names_the_key_as_it_is_written():
    with (
        override_settings(WSGI_PLACEHOLDER={"MAX_TEXT": "x"}),
        pytest.raises(ImproperlyConfigured, match=r"^WSGI_PLACEHOLDER\['MAX_TEXT'\]='x': expected"),
    ):
        placeholders(app)


def test_django_wraps_the_application_and_answers():
    with override_settings(WSGI_PLACEHOLDER={"prefix": "/ph"}):
        application = placeholders(app)
    assert ask(application, environ_for("/")).body == b"the app"
    assert ask(application, environ_for("/ph/30x20"))["Content-Type"] == "image/png"


@pytest.mark.parametrize("module", ["django", "paste"])
def test_a_door_can_be_imported_without_its_framework(module):
    program = (
        f"import sys; sys.modules[{module!r}] = None; import wsgi_placeholder.integrations.{module}"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
