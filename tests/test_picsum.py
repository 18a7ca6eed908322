"""picsum.photos: what its program and its pages say of each URL."""

import json
import re
from wsgiref.validate import validator

import pytest
from asking import ask, checked, environ_for, page
from photos import facts_of, size_of, spec_of

from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.dialects.picsum import DIALECT
from wsgi_placeholder.errors import BadParameter, NotFound, TooLarge
from wsgi_placeholder.testing import DialectContract


class TestContract(DialectContract):
    urls = (
        "/200", "/200/300.jpg", "/id/237/200/300?grayscale&blur=2", "/seed/ab-c/200.webp",
        "/g/200/300?image=5", "/0/300", "/v2/list?page=3&limit=7", "/id/7/info", "/seed/x/info",
        "/200/300/?random=3&text=Hi",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    ("path", "size", "format"),
    [
        ("/200/300", (200, 300), "jpeg"),
        ("/200", (200, 200), "jpeg"),
        ("/200/300/", (200, 300), "jpeg"),
        ("//200//300", (200, 300), "jpeg"),
        ("/200/300.jpg", (200, 300), "jpeg"),
        ("/200/300.WEBP", (200, 300), "webp"),
        ("/200.webp", (200, 200), "webp"),
        ("/id/237/200/300", (200, 300), "jpeg"),
        ("/id/237/200", (200, 200), "jpeg"),
        ("/id/237/200.webp", (200, 200), "webp"),
        ("/seed/picsum/200/300.jpg?hmac=x", (200, 300), "jpeg"),
        ("/seed/300/200", (200, 200), "jpeg"),
        ("/seed/1.5/200", (200, 200), "jpeg"),
        ("/g/200/300", (200, 300), "jpeg"),
        ("/g/200", (200, 200), "jpeg"),
        ("/200/300?blur", (200, 300), "jpeg"),
        ("/200/300?blur=", (200, 300), "jpeg"),
        ("/200/300?blur=much", (200, 300), "jpeg"),
        ("/200/300?blur=1", (200, 300), "jpeg"),
        ("/200/300?blur=10", (200, 300), "jpeg"),
        ("/200x300", (200, 300), "jpeg"),
        ("/0200/0300", (200, 300), "jpeg"),
        ("/200/300.webp&random=3", (200, 300), "webp"),
        ("/404", (404, 404), "jpeg"),
        ("/6000/100", (6000, 100), "jpeg"),
    ],
)
@pytest.mark.parametrize("host", ["picsum.photos", "https://unsplash.it", "fastly.picsum.photos"])
def test_size_and_format(host, path, size, format):
    spec = spec_of(host + path)
    assert (spec.width, spec.height) == size
    assert spec.format == format
    assert spec.text == f"{size[0]}×{size[1]}"


def test_the_same_photo_by_its_id_its_old_name_and_its_seed():
    assert spec_of("picsum.photos/id/237/200/300") == spec_of("picsum.photos/200/300?image=237")
    assert spec_of("picsum.photos/id/237/200/300") == spec_of("i.picsum.photos/id/237/200/300.jpg")
    _, facts = facts_of("picsum.photos/seed/picsum/info")
    by_seed = spec_of("picsum.photos/seed/picsum/200/300")
    assert by_seed == spec_of(f"picsum.photos/id/{facts['id']}/200/300")
    assert by_seed != spec_of("picsum.photos/seed/other/200/300")


def test_what_only_breaks_caches_changes_no_photo_with_a_name():
    for named in ("id/237", "seed/picsum"):
        url = f"picsum.photos/{named}/200/300"
        assert spec_of(url) == spec_of(url + "?random=3") == spec_of(url + "?blur=3&hmac=abc")


def test_random_photos_differ_and_stay():
    seeds = {spec_of(f"picsum.photos/500/500{query}").seed for query in ("", "?1", "?2", "?r=9")}
    assert len(seeds) == 4
    assert spec_of("picsum.photos/500?random=3") == spec_of("picsum.photos/500/500/?random=3&blur")
    assert len({spec_of(f"picsum.photos/9?random={n}").background for n in range(40)}) > 8


@pytest.mark.parametrize("path", ["/200?grayscale", "/g/200", "/id/7/200?Grayscale=1&blur=2"])
def test_grayscale(path):
    assert spec_of("picsum.photos" + path).background.is_grey
    assert not spec_of("picsum.photos/200").background.is_grey


@pytest.mark.parametrize("path", ["/id/7/{}", "/seed/x/{}", "/{}", "/g/{}", "/{}?image=7"])
def test_a_side_of_0_is_the_photos_own(path):
    url = "picsum.photos" + path
    width, height = size_of(url.format("0/0.webp"))
    assert min(width, height) >= 1667
    assert size_of(url.format("0")) == (width, height)
    assert size_of(url.format("0/300")) == (width, 300)
    assert size_of(url.format("200/0")) == (200, height)


def test_a_text_is_drawn_though_the_service_had_none():
    assert spec_of("picsum.photos/200?text=A{b}|c").text == "A{b}|c"


@pytest.mark.parametrize(
    ("path", "error", "parameter", "hint"),
    [
        ("/", BadParameter, "size", None),
        ("/images", BadParameter, "size", None),
        ("/id/237", BadParameter, "size", None),
        ("/seed", BadParameter, "size", None),
        ("/info", BadParameter, "size", None),
        ("/200px/300px", BadParameter, "size", "200/300"),
        ("/200/300?blur=11", BadParameter, "blur", "10"),
        ("/200/300?blur=0", BadParameter, "blur", "1"),
        ("/id/1/100/100.png", BadParameter, "format", "jpg"),
        ("/200.gif", BadParameter, "format", "jpg"),
        ("/id/nonexistant/200/300", NotFound, "id", None),
        ("/id/nonexistant/info", NotFound, "id", None),
        ("/id/-1/200", NotFound, "id", None),
        ("/200?image=x", NotFound, "id", None),
        ("/id/1/1/9223372036854775808", TooLarge, "size", None),
    ],
)
def test_what_the_program_refuses(path, error, parameter, hint):
    with pytest.raises(error) as caught:
        spec_of("picsum.photos" + path)
    assert caught.value.parameter == parameter
    assert caught.value.hint == hint


def test_info():
    headers, facts = facts_of("picsum.photos/id/237/info")
    width, height = size_of("picsum.photos/id/237/0/0")
    assert headers == {}
    assert facts == {
        "id": "237",
        "author": "wsgi-placeholder",
        "width": width,
        "height": height,
        "url": "/base/picsum.photos/id/237/info",
        "download_url": f"/base/picsum.photos/id/237/{width}/{height}",
    }
    assert size_of(facts["download_url"].removeprefix("/base")) == (width, height)


@pytest.mark.parametrize(
    ("query", "ids", "pages"),
    [
        ("", range(30), {"next": "page=2&limit=30"}),
        ("?page=2&limit=9", range(9, 18), {"prev": "page=1&limit=9", "next": "page=3&limit=9"}),
        ("?limit=1000", range(100), {"next": "page=2&limit=100"}),
        ("?limit=0&page=0", range(30), {"next": "page=2&limit=30"}),
        ("?limit=-1&page=one", range(30), {"next": "page=2&limit=30"}),
        ("?page=11&limit=100", range(1000, 1085), {"prev": "page=10&limit=100"}),
        ("?page=12&limit=100", range(0), {"prev": "page=11&limit=100"}),
    ],
)
def test_list(query, ids, pages):
    headers, entries = facts_of("picsum.photos/v2/list" + query)
    assert [entry["id"] for entry in entries] == [str(number) for number in ids]
    for entry in entries:
        assert entry == facts_of(f"picsum.photos/id/{entry['id']}/info")[1]
    links = re.findall(r'<([^>]+)>; rel="(\w+)"', headers["Link"])
    wanted = {rel: "/base/picsum.photos/v2/list?" + query for rel, query in pages.items()}
    assert {rel: url for url, rel in links} == wanted


def test_old_list():
    _, entries = facts_of("unsplash.it/list")
    assert [entry["id"] for entry in entries] == list(range(1085))
    assert (
        entries[5].items()
        >= {
            "format": "jpeg",
            "filename": "5.jpeg",
            "author": "wsgi-placeholder",
            "post_url": "/base/picsum.photos/id/5/info",
        }.items()
    )


@pytest.mark.parametrize("mount", ["", "/sub dir"])
def test_the_links_of_the_list_lead_on(mount):
    """A client that pages through the list sees every photo once, whatever the mount point."""
    app = PlaceholderMiddleware(validator(page), system_fonts=False)
    quoted = mount.replace(" ", "%20")
    url, seen = "/placeholder/picsum.photos/v2/list?limit=100", []
    while url:
        answer = ask(checked(app), environ_for(url, script_name=mount))
        assert answer.code == 200
        assert answer["Content-Type"] == "application/json"
        seen += [entry["id"] for entry in json.loads(answer.body)]
        found = re.search(r'<([^>]+)>; rel="next"', answer["Link"])
        assert not found or found[1].startswith(quoted + "/placeholder/")
        url = found and found[1].removeprefix(quoted)
    assert len(seen) == len(set(seen)) == 1085
