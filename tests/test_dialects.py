"""Which dialect reads a URL: by the first part of its path, by its host, or the configured one."""

import contextlib
import functools
import json
from wsgiref.validate import validator

import pytest
from asking import PAGE, ask, checked, environ_for, page
from timing import least

from wsgi_placeholder import Config, PlaceholderMiddleware, dialects, registry
from wsgi_placeholder.dialects import native
from wsgi_placeholder.errors import BadParameter, PlaceholderError

CONFIG = Config(system_fonts=False)


@pytest.fixture(scope="module")
def at_home():
    return PlaceholderMiddleware(validator(page), hosts=True)


@pytest.mark.parametrize(
    "path",
    [
        "/via.placeholder.com/300.png/09f/fff",
        "/https://via.placeholder.com/300.png/09f/fff",
        "/https:/via.placeholder.com/300.png/09f/fff",  # servers make two slashes one
        "/HTTP://WWW.Via.Placeholder.Com:443/300.png/09f/fff",
        "//via.placeholder.com//300.png/09f/fff",
        "/ https://via.placeholder.com/300.png/09f/fff",
        "/placeholder-com/300.png/09f/fff",
        "/https://via.placeholder.com/300.png/09f/fff?text=300x300",  # encoded as a whole
    ],
)
def test_the_first_part_names_a_dialect(path):
    spec = dialects.parse(path, [], CONFIG)
    assert (spec.width, spec.height, spec.format) == (300, 300, "png")
    assert (spec.background.hex, spec.foreground.hex) == ("0099ff", "ffffff")


def test_without_a_name_our_own_grammar_reads():
    assert dialects.parse("/300/200", [], CONFIG).background.hex == "220000"
    assert dialects.parse("/native/300/200", [], CONFIG).background.hex == "220000"


def test_the_first_of_the_option_reads_what_names_none():
    config = Config.of(dialects="picsum.photos, native")
    assert config.dialects == ("picsum", "native")
    spec = dialects.parse("/300/200", [], config)
    assert (spec.width, spec.height, spec.format) == (300, 200, "jpeg")
    assert dialects.parse("/native/300/200", [], config).format == "png"
    with pytest.raises(BadParameter, match="no service we stand in for"):
        dialects.parse("/https://placehold.co/300", [], config)


def test_a_host_that_is_no_service_is_named_with_the_nearest():
    with pytest.raises(BadParameter) as caught:
        dialects.parse("/https://via.placholder.com/300", [], CONFIG)
    assert caught.value.hint == "via.placeholder.com"
    assert "dummyimage" in caught.value.detail
    with pytest.raises(BadParameter) as caught:
        dialects.parse("/via.placehodler.com/300", [], CONFIG)
    assert caught.value.hint == "via.placeholder.com"


def test_bad_options_are_refused_at_start():
    with pytest.raises(ValueError, match=r"dialects.*did you mean dummyimage"):
        Config.of(dialects=["dummyimag"])
    with pytest.raises(ValueError, match=r"hosts.*did you mean dummyimage\.com"):
        Config.of(hosts="dummyimage.org")
    with pytest.raises(ValueError, match="hosts"):
        Config.of(hosts=[3])


@pytest.mark.parametrize(
    "given", ["picsum", "https://www.picsum.photos/, i.picsum.photos", ["picsum"], "PICSUM"]
)
def test_hosts_may_be_named_as_people_copy_them(given):
    hosts = Config.of(hosts=given).hosts
    assert hosts[:2] == ("picsum.photos", "i.picsum.photos")
    assert Config.of(rewrite=given).rewrite == hosts


def test_hosts_are_lower_case_and_belong_to_one_dialect():
    every = [
        host
        for name in registry.names("dialects")
        for host in registry.load("dialects", name).hosts
    ]
    assert len(every) == len(set(every)) == len(dialects.hosts()) > 20
    assert all(host == host.lower() and not host.startswith("www.") for host in every)


@pytest.mark.parametrize("host", ["via.placeholder.com", "www.VIA.placeholder.com:8000"])
def test_a_service_is_answered_at_the_root_of_its_own_host(at_home, host):
    answer = ask(checked(at_home), environ_for("/300.png/09f/fff?text=A", host=host))
    pasted = ask(
        checked(at_home), environ_for("/placeholder/via.placeholder.com/300.png/09f/fff?text=A")
    )
    assert answer == pasted
    assert answer["Content-Type"] == "image/png"
    etag = answer["ETag"]
    environ = environ_for("/300.png/09f/fff?text=A", host=host, if_none_match=etag)
    assert ask(checked(at_home), environ).code == 304


def test_two_hosts_are_two_services(at_home):
    """The same path and query, and so far the same key."""
    bodies = {
        ask(checked(at_home), environ_for("/200/300", host=host)).body
        for host in ("via.placeholder.com", "picsum.photos", "placehold.co")
    }
    assert len(bodies) == 3


@pytest.mark.parametrize("host", ["example.com", "via.placeholder.com.evil.example", ""])
def test_other_hosts_are_the_apps(at_home, host):
    assert ask(checked(at_home), environ_for("/300", host=host)).body == PAGE


def test_hosts_are_off_until_asked_for(middleware):
    assert ask(checked(middleware), environ_for("/300", host="placehold.co")).body == PAGE


def test_hosts_may_be_listed():
    app = PlaceholderMiddleware(validator(page), hosts=["placehold.co"])
    assert ask(checked(app), environ_for("/300", host="placehold.co")).body != PAGE
    assert ask(checked(app), environ_for("/300", host="via.placeholder.com")).body == PAGE


def test_our_prefix_stays_ours_on_every_host(at_home):
    answer = ask(checked(at_home), environ_for("/placeholder/300", host="placehold.co"))
    assert answer["Content-Type"] == "image/png"


def test_a_document_links_below_our_prefix(at_home):
    environ = environ_for("/placeholder/picsum.photos/v2/list?limit=2", script_name="/s\xe9b")
    answer = ask(checked(at_home), environ)
    assert answer.code == 200
    assert answer["Content-Type"] == "application/json"
    links = [picture["download_url"] for picture in json.loads(answer.body)]
    assert len(links) == 2
    assert all(link.startswith("/s%E9b/placeholder/picsum.photos/id/") for link in links)
    picture = ask(checked(at_home), environ_for(links[0].removeprefix("/s%E9b")))
    assert picture["Content-Type"] == "image/jpeg"
    again = environ_for("/placeholder/picsum.photos/v2/list?limit=2", if_none_match=answer["ETag"])
    assert ask(checked(at_home), again | {"SCRIPT_NAME": "/s\xe9b"}).code == 304
    head = environ_for("/placeholder/picsum.photos/v2/list?limit=2", "HEAD", "/s\xe9b")
    assert ask(checked(at_home), head).headers == answer.headers


HOSTILE = [
    "placeholders.dev/300x200.png?bgColor=hsl(0,900%25,50%25)",
    "ui-avatars.com/api/?background=hsl(10,200%25,30%25)",
    "dummyimage.com/640x" + "9" * 310 + ":" + "9" * 310,
    "placehold.jp/2000x2000.png?css=" + '{"border":"50%25 solid red"}',
    "lorempixel.com/output/x-q-c-1-" + "1" * 1500 + "/",
    "placehold.jp/" + "x/" * 700,
    "robohash.org/" + "\u0301\u0316" * 600,
    "native/300%3F" + "g&" * 900,
    "native/300" + "&g" * 900,
    "gravatar.com/avatar/" + "&g" * 900,
    "api.dicebear.com/9.x/initials/png/" + "g&" * 900,
]


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_urls_are_answered_soon_and_never_raise(url):
    def answered():
        with contextlib.suppress(PlaceholderError):
            spec = dialects.parse_url(url, CONFIG)
            assert all(0 <= channel <= 255 for channel in spec.background)
            assert dialects.parse_url(native.build(spec, CONFIG), CONFIG) == spec

    assert least(answered) < 0.05


def test_time_grows_with_the_length_alone():
    """At lengths that only a larger `max_url` lets in."""
    for url in HOSTILE[2:]:
        middle = url[len(url) // 2 - 20 : len(url) // 2 + 20]

        def parsed(long):
            with contextlib.suppress(PlaceholderError):
                dialects.parse_url(long, CONFIG)

        times = [
            least(functools.partial(parsed, url.replace(middle, middle * (length // 40), 1)))
            for length in (10_000, 20_000)
        ]
        assert times[1] < 3 * times[0] + 0.01, url[:60]


def test_a_trailing_dot_of_a_host_is_none(at_home):
    assert ask(checked(at_home), environ_for("/300", host="placehold.co.")).body != PAGE
