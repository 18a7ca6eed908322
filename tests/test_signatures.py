"""Signed URLs: only those that we built are answered, and every change of one is refused."""

import base64
import dataclasses
import hmac
import random
import re
import secrets

import pytest
import urllib3
from asking import ask, checked, environ_for, page

from wsgi_placeholder import PlaceholderMiddleware, Spec, render, signatures, tokens, url_for
from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import BadSignature, UriTooLong

OLD, NEW = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
ALL = {"secret": NEW, "require_signature": True}


@pytest.fixture(scope="module")
def signed():
    return PlaceholderMiddleware(page, **ALL)


def get(app, url, **more):
    """Ask for a URL as a browser does, that is with its path decoded."""
    path, mark, query = url.partition("?")
    decoded = re.sub("%([0-9A-Fa-f]{2})", lambda byte: chr(int(byte[1], 16)), path)
    return ask(checked(app), environ_for(decoded + mark + query, **more))


def test_what_we_build_is_answered(signed):
    for parameters in ({}, {"text": "Größe 'x' & 100 %|?"}, {"bg": "navy", "format": "webp"}):
        url = signed.url_for(300, 200, **parameters)
        assert re.match("/placeholder/s/[A-Za-z0-9_-]{22}/300x200", url)
        answer = get(signed, url)
        assert answer.code == 200
        plain = render(url_for(300, 200, **parameters))
        assert answer.body == plain.body
        assert get(signed, url, method="HEAD").code == 200
        assert get(signed, url, if_none_match=answer["ETag"]).code == 304


def test_all_others_are_refused_alike(signed):
    good = signed.url_for(300, 200)
    wrong = [
        "/placeholder/300x200",
        "/placeholder/s/300x200",
        f"/placeholder/s/{'A' * 22}/300x200",
        "/placeholder/s/",
        "/placeholder/nonsense",
        "/placeholder/placehold.co/300",
        "/placeholder/picsum.photos/v2/list",
        good.replace("/s/", "/S/"),
        good + "?",
        good + "/",
    ]
    answers = [get(signed, url) for url in wrong if url != good + "?"]
    assert {(a.status, tuple(a.headers), a.body) for a in answers} == {
        (answers[0].status, tuple(answers[0].headers), answers[0].body)
    }
    assert answers[0].status == "403 Forbidden"
    assert answers[0]["Cache-Control"] == "no-store"
    assert b"not signed" in answers[0].body


def test_an_img_is_told_by_a_picture(signed):
    answer = get(signed, "/placeholder/300x200", sec_fetch_dest="image")
    assert answer.code == 403
    assert answer["Content-Type"] == "image/png"


def test_no_change_of_a_signed_url_is_answered(signed):
    """Every change of one character, and ten thousand of any kind"""
    good = signed.url_for(301, 201, text="Hello")
    assert get(signed, good).code == 200
    rest = good.removeprefix("/placeholder")
    changed = set()
    for at in range(1, len(rest)):
        for character in "Aa0_-/?&=+x;":
            changed |= {rest[:at] + character + rest[at + 1 :], rest[:at] + character + rest[at:]}
        changed |= {rest[:at] + rest[at + 1 :], rest[:at] + rest[at].swapcase() + rest[at + 1 :]}
    wild = random.Random(5)
    while len(changed) < 10_000:
        text = list(rest)
        for _ in range(wild.randint(1, 4)):
            at = wild.randrange(1, len(text))
            text[at:at] = wild.choice(["%41", "..", "/s/", "\0", "é", rest[3:25], "%2541", "//"])
        changed.add("".join(text))
    changed.discard(rest)
    environ = environ_for(good)
    for url in changed:
        path, _, query = url.partition("?")
        environ["PATH_INFO"], environ["QUERY_STRING"] = "/placeholder" + path, query
        assert ask(signed, dict(environ)).code == 403, url


def test_the_signature_is_for_the_bytes_as_they_come(signed):
    """Once, at its place, under this prefix, and not one slash more"""
    good = signed.url_for(300, 200, text="a b")
    signature = re.search("/s/[^/]*", good)[0]
    for url in (
        good.replace(signature, signature * 2),
        good.replace(signature, "") + signature,
        good.replace(signature, signature.replace("/s/", "/s//")),
        good.replace("?", signature + "?"),
        good.replace("%20", "+"),
        good.replace("text=", "text%3D"),
        good.replace("/300x200?", "/300x200%3F"),
        "/" + good,
    ):
        assert get(signed, url).code == 403, url
    elsewhere = PlaceholderMiddleware(page, prefix="/other", **ALL)
    assert get(elsewhere, elsewhere.url_for(300, 200)).code == 200
    assert get(elsewhere, good.replace("/placeholder", "/other")).code == 403


def test_path_and_query_cannot_trade_places():
    signer = signatures.Signer(NEW, "")
    signature = signer.sign("/a?b").split("/")[2]
    assert signer.opened(f"/s/{signature}/a", "b") == "/a"
    for path, query in (("/ab", ""), ("/", "ab"), ("/a?b", ""), ("/a?", "b")):
        with pytest.raises(BadSignature):
            signer.opened(f"/s/{signature}{path}", query)


def test_it_is_the_digest_that_the_module_describes():
    path, query = "/placeholder/é.png", "text=%C3%A9"
    message = f"{len(path.encode())} {path}{query}".encode()
    digest = hmac.digest(tokens.subkey(NEW.encode(), "sign"), message, "sha256")
    signature = base64.urlsafe_b64encode(digest[:16]).decode()[:22]
    assert signatures.Signer(NEW, "/placeholder").sign(f"/%C3%A9.png?{query}") == (
        f"/s/{signature}/%C3%A9.png?{query}"
    )


def test_rotation():
    old = PlaceholderMiddleware(page, secret=OLD, require_signature=True)
    both = PlaceholderMiddleware(page, secret=[NEW, OLD], require_signature=True)
    new = PlaceholderMiddleware(page, **ALL)
    assert both.url_for(300) == new.url_for(300) != old.url_for(300)
    assert get(both, old.url_for(300)).code == get(both, new.url_for(300)).code == 200
    assert get(new, old.url_for(300)).code == 403


@pytest.mark.parametrize(
    ("rule", "free", "bound"),
    [
        ("text", ["300x200", "300x200?text=300x200", "300?style=identicon"], ["300?text=Hi"]),
        (60_000, ["300x200", "300x200?text=Hi"], ["301x200", "150x100@3x", "301x200.auto"]),
        ("text 60000", ["300x200"], ["301x200", "300?text=Hi", "ui-avatars.com/api/?name=Ann"]),
    ],
)
def test_only_some_need_a_signature(rule, free, bound):
    app = PlaceholderMiddleware(page, secret=NEW, require_signature=rule)
    for url in free:
        assert get(app, "/placeholder/" + url).code == 200, url
    for url in bound:
        assert get(app, "/placeholder/" + url).code == 403, url
    # A wrong signature is one, needed or not.
    assert get(app, f"/placeholder/s/{'A' * 22}/300x200").code == 403
    for given in ({"height": 201}, {"height": 200, "text": "Hi"}):
        assert get(app, app.url_for(301, given.pop("height"), **given)).code == 200


def body(app, url):
    answer = get(app, url)
    assert answer.code == 200
    return answer.body


def test_what_unsigned_texts_may_say():
    silent = PlaceholderMiddleware(page, secret=NEW, text_policy="signed")
    plain = body(silent, "/placeholder/300x200")
    assert body(silent, "/placeholder/300x200?text=Bad+words") == plain
    assert body(silent, "/placeholder/300x200?text=300%C3%97200") == plain
    dummy = [f"/placeholder/dummyimage.com/300x200/ddd&text={text}" for text in ("Bad", "Mad")]
    assert body(silent, dummy[0]) == body(silent, dummy[1])
    free = PlaceholderMiddleware(page)
    assert body(free, dummy[0]) != body(free, dummy[1])
    good = render(Spec.of(300, 200, text="Good words")).body
    assert body(silent, silent.url_for(300, 200, text="Good words")) == good


def test_words_that_unsigned_texts_may_use():
    listed = PlaceholderMiddleware(page, secret=NEW, text_policy="(?i)(hero|logo)( [0-9]+)?")
    plain = body(listed, "/placeholder/300x200")
    assert body(listed, "/placeholder/300x200?text=Hero+12") != plain
    for text in ("Heroes", "Hero 12 x", "Hero\n12", "", "hero|logo"):
        said = body(listed, f"/placeholder/300x200?text={text}")
        assert (said == plain) == bool(text), text
    assert body(listed, listed.url_for(300, 200, text="Heroes")) != plain


def test_no_secret_is_needed_where_nobody_may_say_anything():
    app = PlaceholderMiddleware(page, text_policy="signed")
    assert app.url_for(300, text="Hi") == "/placeholder/300?text=Hi"
    assert body(app, "/placeholder/300?text=Hi") == body(app, "/placeholder/300")


def test_builders_sign_only_where_it_counts():
    assert PlaceholderMiddleware(page, secret=NEW).url_for(300) == "/placeholder/300"
    # What was signed then is still answered, and a wrong signature is none.
    signed = PlaceholderMiddleware(page, **ALL).url_for(300)
    lax = PlaceholderMiddleware(page, secret=NEW)
    assert get(lax, signed).code == 200
    assert get(lax, signed[:-1] + "1").code == 403
    # Without a secret, /s/ is nothing of ours.
    assert get(PlaceholderMiddleware(page), signed).code == 400


def test_everything_that_builds_signs(signed):
    config = signed.config
    spec = Spec.of(300, 200, text="Hi")
    for url in (
        signed.url_for(spec),
        url_for("300x200", text="Hi", config=config),
        signatures_of(config, "https://placehold.co/300x200?text=Hi"),
        signatures_of(config, signed.url_for(spec)),
        signatures_of(config, "http://localhost:8000" + signed.url_for(spec)),
    ):
        assert get(signed, url).code == 200
    # Where a font is not known here the URL names it, under the signature too.
    assert get(signed, signed.url_for(300, font="roboto")).code == 200
    assert (
        get(
            PlaceholderMiddleware(page, prefix="/x", **ALL),
            url_for(300, config=config, prefix="/x"),
        ).code
        == 200
    )
    assert render(signed.url_for(spec), **ALL).body == render(spec).body
    with pytest.raises(BadSignature):
        render(signed.url_for(spec)[:-1], **ALL)


def signatures_of(config, url):
    from wsgi_placeholder import convert

    return convert(url, config=config)


def test_a_url_with_its_signature_is_within_the_limit():
    config = Config.of(max_url=64, **ALL)
    assert len(url_for(300, text="x" * 20, config=config)) <= 64 + len("/placeholder")
    with pytest.raises(UriTooLong):
        url_for(300, text="x" * 40, config=config)


def test_time_tells_nothing_of_a_wrong_one(monkeypatch):
    """Each secret's is compared whole, whichever is right and wherever it differs."""
    compared = []

    def compare_digest(one, other):
        compared.append((one, other))
        return one == other

    signer = signatures.Signer([NEW, OLD], "/placeholder")
    good = signer.sign("/300x200").removeprefix("/s/")[:22]
    monkeypatch.setattr(signatures.hmac, "compare_digest", compare_digest)
    assert signer.opened(f"/s/{good}/300x200", "") == "/300x200"
    for wrong in ("A" * 22, good[:21] + ("B" if good[21] == "A" else "A")):
        with pytest.raises(BadSignature):
            signer.opened(f"/s/{wrong}/300x200", "")
    assert len(compared) == 6
    assert {len(part) for pair in compared for part in pair} == {22}


def test_the_secret_is_in_no_repr(signed):
    shown = repr([vars(signed), signed.config, signed.config.signer, vars(signed.config.signer)])
    assert NEW not in shown
    assert "secret" not in {f.name for f in dataclasses.fields(signed.config) if f.repr}


@pytest.mark.parametrize("text", ["One\ntwo", "a | b", "a, b,", "x" * 9 + ",", "\\", "'\"<>`{}[]^"])
def test_no_client_changes_what_was_signed(signed, text):
    """urllib3, wget and redirects encode |, and a srcset ends its URLs at a comma."""
    url = signed.url_for(300, 200, text=text, seed=text)
    assert urllib3.util.parse_url("http://localhost" + url).request_uri == url
    assert not re.search(r"[|,'\"<>`{}\[\]^\\ ]", url)
    assert get(signed, url).code == 200
    assert get(signed, url).body == render(url_for(300, 200, text=text, seed=text)).body


@pytest.mark.parametrize(
    "policy",
    [{"text_policy": "signed"}, {"require_signature": "text"}, {"require_signature": True}],
    ids=str,
)
def test_pictures_of_mistakes_say_nobodys_words(policy):
    app = PlaceholderMiddleware(page, secret=NEW, **policy)
    for mistake in ("600x400?%s=1", "600x400?bg=%s", "%s@9x", "red/%s", "holder.js/%s"):
        said = [
            get(app, "/placeholder/" + mistake % words, sec_fetch_dest="image")
            for words in ("CALL%20555-1234", "CALL%20555-9999")
        ]
        assert said[0].code >= 400
        assert said[0]["Content-Type"] == "image/png"
        assert said[0].body == said[1].body
    free = PlaceholderMiddleware(page)
    said = [
        get(free, f"/placeholder/600x400?bg={words}", sec_fetch_dest="image").body
        for words in ("CALL%20555-1234", "CALL%20555-9999")
    ]
    assert said[0] != said[1]


def test_another_size_is_a_text():
    app = PlaceholderMiddleware(page, secret=NEW, require_signature="text")
    for size in ("600x400", "600%20%C3%97%20400", "1200x800", "599.6x400.4"):
        assert get(app, f"/placeholder/600x400@2x?text={size}").code == 200, size
    for text in ("555.1234567x67.8", "1488x88", "...x...", "400x600", "600x400x1", "602x400"):
        assert get(app, f"/placeholder/600x400@2x?text={text}").code == 403, text
