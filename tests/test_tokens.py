"""T-S1 to T-S5, T-S8, T-S9 of tokens by themselves."""

import base64
import random
import secrets
import statistics
import string
import sys
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wsgi_placeholder.tokens import Tokens, checked_secrets, subkey

ALPHABET = string.ascii_letters + string.digits + "-_"
SECRET = secrets.token_bytes(32)
TEXT = b"me@example.com"
DETAILS = b"fourteen bytes"


@pytest.fixture
def tokens():
    return Tokens(SECRET, purpose="text", prefix="/placeholder")


def flipped(token):
    """Every token with one bit of its bytes flipped, and every one with a bit of a letter."""
    data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for bit in range(8 * len(data)):
        changed = (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))
        yield base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
    for i, letter in enumerate(token):
        for bit in range(8):
            yield token[:i] + chr(ord(letter) ^ 1 << bit) + token[i + 1 :]


def test_there_and_back(tokens):
    for text in (b"", b"\0", TEXT, "é漢字".encode() * 40, bytes(1022)):
        for details in (b"", DETAILS):
            assert tokens.open(tokens.seal(text, details)) == (text, details, 0)
    with pytest.raises(ValueError, match="1023 bytes; at most 1022"):
        tokens.seal(bytes(1023))


def test_no_part_of_it_decodes_to_the_text(tokens):
    """T-S1"""
    token = tokens.seal(TEXT, DETAILS)
    for start in range(len(token)):
        part = token[start:]
        data = base64.urlsafe_b64decode(part[: len(part) // 4 * 4])
        assert TEXT[:4] not in data
        assert DETAILS[:4] not in data


def test_equal_texts_have_equal_tokens_and_no_bit_may_change(tokens):
    """T-S2"""
    again = Tokens(SECRET, purpose="text", prefix="/placeholder")
    token = tokens.seal(TEXT, DETAILS)
    assert again.seal(TEXT, DETAILS) == token
    changed = list(flipped(token))
    assert len(changed) == 8 * (67 + 90)
    assert [other for other in changed if tokens.open(other) is not None] == []


def test_lengths_do_not_tell(tokens):
    """T-S3"""
    lengths = [len(tokens.seal(b"x" * length, DETAILS)) for length in range(300)]
    assert len(set(lengths[:31])) == 1
    assert len(set(lengths[31:63])) == 1
    assert len(set(lengths[63:127])) == 1
    assert len(set(lengths)) == 5
    assert len(tokens.seal(TEXT, DETAILS, 2_000_000_000)) == lengths[0]


def test_rotation():
    """T-S4"""
    old, new = secrets.token_bytes(32), secrets.token_urlsafe(32)
    before = Tokens(old, purpose="text")
    during = Tokens([new, old], purpose="text")
    after = Tokens([new], purpose="text")
    token = before.seal(TEXT)
    assert before.open(token) == during.open(token) == (TEXT, b"", 0)
    assert after.open(token) is None
    assert during.seal(TEXT) == after.seal(TEXT) != token
    assert before.open(during.seal(TEXT)) is None


def test_secrets_that_share_a_number(monkeypatch):
    monkeypatch.setattr(
        "wsgi_placeholder.tokens.subkey",
        lambda secret, purpose, length=32: (
            b"\7" if purpose == "key id" else subkey(secret, purpose, length)
        ),
    )
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    token = Tokens(old, purpose="text").seal(TEXT)
    assert Tokens([new, old], purpose="text").open(token) == (TEXT, b"", 0)
    assert Tokens([new], purpose="text").open(token) is None


def test_purpose_and_prefix_are_bound(tokens):
    token = tokens.seal(TEXT)
    for purpose, prefix in (("sign", "/placeholder"), ("text", "/other"), ("text/", "placeholder")):
        assert Tokens(SECRET, purpose=purpose, prefix=prefix).open(token) is None


def test_keys_for_each_purpose_are_those_of_rfc_5869():
    """T-S5"""
    for length in (1, 32, 64, 100):
        known = HKDF(hashes.SHA256(), length, salt=None, info=b"wsgi-placeholder 1 text")
        assert subkey(SECRET, "text", length) == known.derive(SECRET)
    assert len({subkey(SECRET, purpose) for purpose in ("sign", "text", "cache")}) == 3


WEAK = [
    "",
    "changeme",
    "MY_SECURE_KEY",
    secrets.token_hex(15),
    secrets.token_bytes(31),
    "changeme" * 8,
    "MY_SECURE_KEY" * 4,
    "a" * 64,
    bytes(64),
    "0123456789abcdef" * 4,
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
    "zyxwvutsrqponmlkjihgfedcba9876543210",
    bytes(range(64)),
    "hello world " * 4,
    "This is a secret key, please change it",
    "django-insecure-" + secrets.token_urlsafe(37),
    "Replace-this-with-something-secret!!!",
    secrets.token_hex(4) * 8,
]


@pytest.mark.parametrize("weak", WEAK, ids=range(len(WEAK)))
def test_weak_secrets_are_refused_and_not_repeated(weak):
    """T-S5"""
    for given in (weak, [SECRET, weak]):
        with pytest.raises(ValueError, match="secret") as refused:
            Tokens(given, purpose="text")
        said = str(refused.value)
        assert "make one with: python -c" in said
        assert ("2 of 2" in said) == (given is not weak)
        if len(weak) > 8:
            assert str(weak) not in said


@pytest.mark.parametrize(
    "make",
    [
        lambda chance: chance.randbytes(16).hex(),
        lambda chance: chance.randbytes(32).hex(),
        lambda chance: base64.urlsafe_b64encode(chance.randbytes(32)).decode(),
        lambda chance: chance.randbytes(32),
        lambda chance: "".join(chance.choices(string.digits, k=32)),
        lambda chance: "".join(chance.choices(string.ascii_lowercase, k=32)),
    ],
)
def test_random_secrets_are_taken(make):
    chance = random.Random(5)
    for _ in range(300):
        assert len(checked_secrets([make(chance), make(chance)])) == 2


def test_lists_of_secrets():
    many = [secrets.token_bytes(32) for _ in range(9)]
    assert checked_secrets(many[:8]) == tuple(many[:8])
    assert checked_secrets((SECRET, SECRET)) == (SECRET,)
    for wrong in (many, []):
        with pytest.raises(ValueError, match="expected 1 to 8"):
            checked_secrets(wrong)
    for wrong in (None, 7, [7], {"a": "b"}):
        with pytest.raises(TypeError, match="expected str, bytes, or a list of them"):
            checked_secrets(wrong)


def test_expiry(tokens, monkeypatch):
    token = tokens.seal(TEXT, DETAILS, 2_000_000_000)
    monkeypatch.setattr(time, "time", lambda: 1_999_999_999.9)
    assert tokens.open(token) == (TEXT, DETAILS, 2_000_000_000)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert tokens.open(token) is None


def test_one_spelling(tokens):
    """T-S9, on a token whose last letter has bits to spare too"""
    chance = random.Random(9)
    for details in (DETAILS, DETAILS[:-1], DETAILS[:-2]):
        token = tokens.seal(TEXT, details)
        tries = {token + junk for junk in ("=", "==", "!!", "\n", " ", "A", "AAAA", "%3D", ".png")}
        tries |= {"!!" + token, " " + token, token + token, token[:-1], token[1:], token.lower()}
        tries.add(token.translate({ord("-"): "+", ord("_"): "/"}))
        tries |= {token[:-1] + letter for letter in ALPHABET}
        while len(tries) < 3400:
            tries.add(mutated(token, chance))
        assert [other for other in tries - {token} if tokens.open(other) is not None] == []


def mutated(token, chance):
    letters = list(token)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(letters))
        kind = chance.randrange(4)
        if kind == 0:
            letters[at] = chance.choice(string.printable)
        elif kind == 1:
            letters.insert(at, chance.choice(string.printable + "é\0٣"))
        elif kind == 2:
            del letters[at]
        else:
            other = chance.randrange(len(letters))
            letters[at], letters[other] = letters[other], letters[at]
    return "".join(letters)


def test_refusing_takes_no_time_and_the_same_for_any_secret(tokens):
    """T-S4, T-S8, loosely: this machine has other things to do"""
    eight = Tokens([secrets.token_bytes(32) for _ in range(8)], purpose="text")
    unknown = secrets.token_urlsafe(68)
    cut = tokens.seal(TEXT, DETAILS)[:-1] + "A"

    def best(each, token):
        def once():
            start = time.perf_counter()
            for _ in range(50):
                each.open(token)
            return (time.perf_counter() - start) / 50

        return statistics.median(sorted(once() for _ in range(30))[:10])

    times = [best(tokens, unknown), best(tokens, cut), best(eight, unknown)]
    assert max(times) < 200e-6
    assert max(times) < 3 * min(times)
    assert best(eight, "A" * 2000) < 500e-6


def test_without_cryptography(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(ImportError, match=r"pip install 'wsgi-placeholder\[secret\]'"):
        Tokens(SECRET, purpose="text")


def test_a_secret_is_the_same_through_every_door():
    """Files and variables end in a newline, and lists are written by lines."""
    one, other = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    both = (one.encode(), other.encode())
    for given in (f"{one}\n{other}\n", [one + "\n", f" {other}"], (one, other.encode())):
        assert checked_secrets(given) == both
    assert checked_secrets(one + "\r\n") == both[:1]
