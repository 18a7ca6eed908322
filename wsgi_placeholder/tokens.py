"""Opaque tokens: what a URL carries and only this site can read.

AES-SIV (RFC 5297) under a key of its own for each purpose, derived by HKDF (RFC 5869). It needs no
nonce, so that equal texts have equal tokens and caches work; that two tokens are equal is all that
they tell. A token is base64url without padding (RFC 4648, 5) of

    key id, 1 byte | SIV, 16 bytes | expires, 4 | length, 2 | text, zeros | details

where zeros fill length and text up to 32, 64, 128 ... bytes. Version, key id, purpose and prefix
are authenticated with it.
"""

from __future__ import annotations

import base64
import binascii
import collections
import hmac
import itertools
import math
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_VERSION = b"wsgi-placeholder 1"
_TOKEN = re.compile("[A-Za-z0-9_-]{64,2048}")
_MOST_BYTES = 1022  # of a text, so that its token is none too long
_SMALLEST_BUCKET = 32
_MOST_SECRETS = 8
_LEAST_BYTES = 32
_LEAST_BITS = 60  # as estimated below, which gives 32 random decimal digits 65 to 100
# What stands where people copied an example, or meant to replace it later: letters and digits only.
_SAMPLES = (
    "changeme", "changethis", "replaceme", "replacethis", "secretkey", "securekey", "supersecret",
    "topsecret", "yoursecret", "mysecret", "notsecret", "verysecret", "thisisasecret", "insecure",
    "password", "passphrase", "letmein", "qwerty", "iloveyou", "placeholder", "example",
    "donotuse", "correcthorse", "asdfgh", "bitsecret", "09d25e094faa6ca2",
    "loremipsum", "12345678", "01234567", "abcdefgh", "deadbeef", "cafebabe",
)  # fmt: skip
_ADVICE = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'


class Tokens:
    """Seals texts for one purpose and URL prefix, and opens them again.

    The first of `secrets` seals, all of them open; see `checked_secrets` for what they may be. The
    secrets themselves are not kept. Raises ImportError where `cryptography` is not installed.
    """

    def __init__(
        self, secrets: str | bytes | Sequence[str | bytes], *, purpose: str, prefix: str = ""
    ) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESSIV
        except ImportError as error:
            raise ImportError(
                "secret text needs cryptography; install it with:"
                " pip install 'wsgi-placeholder[secret]'"
            ) from error
        self._bound = [_VERSION, purpose.encode(), prefix.encode()]
        self._keys: list[tuple[bytes, AESSIV]] = [
            (subkey(secret, "key id", 1), AESSIV(subkey(secret, purpose, 64)))
            for secret in checked_secrets(secrets)
        ]

    def seal(self, text: bytes, details: bytes = b"", expires: int = 0) -> str:
        """Return the token of a text, always the same one, and of details that need no padding.

        `expires` is in seconds since the epoch; 0 is never. Raises ValueError for more than 1022
        bytes of text.
        """
        if len(text) > _MOST_BYTES:
            raise ValueError(f"a secret text of {len(text)} bytes; at most {_MOST_BYTES} fit a URL")
        padded = (len(text).to_bytes(2) + text).ljust(_bucket(len(text)), b"\0")
        number, key = self._keys[0]
        sealed = key.encrypt(expires.to_bytes(4) + padded + details, [*self._bound, number])
        return base64.urlsafe_b64encode(number + sealed).rstrip(b"=").decode()

    def open(self, token: str) -> tuple[bytes, bytes, int] | None:
        """Return text, details and expiry of a token, or None for whatever is no valid one.

        There is one spelling of each token: base64 decoders forgive others, which would be more
        URLs of the same thing.
        """
        if not _TOKEN.fullmatch(token):
            return None
        try:
            data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except binascii.Error:
            return None
        if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != token:
            return None
        plain = self._decrypted(data[:1], data[1:])
        if plain is None:
            return None
        expires, length = int.from_bytes(plain[:4]), int.from_bytes(plain[4:6])
        if expires and expires <= time.time():
            return None
        return plain[6 : 6 + length], plain[4 + _bucket(length) :], expires

    def _decrypted(self, number: bytes, sealed: bytes) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        # Two secrets may share a number; where none has it, an attempt takes the same time.
        keys = [key for known, key in self._keys if known == number] or [self._keys[0][1]]
        for key in keys:
            try:
                return key.decrypt(sealed, [*self._bound, number])
            except InvalidTag:
                continue
        return None


def _bucket(length: int) -> int:
    """The bytes that a text of `length` bytes takes with its length: 32, 64, 128 ..."""
    return max(_SMALLEST_BUCKET, 1 << (length + 1).bit_length())


def subkey(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """Return a key for one purpose only: HKDF-SHA256 (RFC 5869) without salt."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    key, block = b"", b""
    for counter in range(1, math.ceil(length / 32) + 1):
        info = _VERSION + b" " + purpose.encode() + bytes([counter])
        block = hmac.digest(extracted, block + info, "sha256")
        key += block
    return key[:length]


def checked_secrets(secrets: str | bytes | Sequence[str | bytes]) -> tuple[bytes, ...]:
    """Return one secret, or a list of at most 8, as bytes. A string holds one a line.

    Raises TypeError, or ValueError for a weak one: less than 32 bytes, too regular, or with words
    of well-known samples. No message repeats a secret.
    """
    if isinstance(secrets, str):
        secrets = secrets.splitlines()
    given = [secrets] if isinstance(secrets, bytes) else secrets
    if not isinstance(given, (list, tuple)) or not all(isinstance(s, (str, bytes)) for s in given):
        raise TypeError("secret: expected str, bytes, or a list of them")
    if not 1 <= len(given) <= _MOST_SECRETS:
        given_ones = len(given) or "none"
        raise ValueError(f"secret: {given_ones} given; expected 1 to {_MOST_SECRETS}; {_ADVICE}")
    found = [secret.strip().encode() if isinstance(secret, str) else secret for secret in given]
    for number, secret in enumerate(found, 1):
        if weakness := _weakness(secret):
            which = f"secret {number} of {len(found)}" if len(found) > 1 else "secret"
            raise ValueError(f"{which}: {weakness}; {_ADVICE}")
    return tuple(dict.fromkeys(found))


def _weakness(secret: bytes) -> str:
    if len(secret) < _LEAST_BYTES:
        return f"only {len(secret)} bytes; expected at least {_LEAST_BYTES}"
    letters = re.sub(rb"[^a-z0-9]", b"", secret.lower()).decode()
    if any(sample in letters for sample in _SAMPLES):
        return "a well-known sample, or made of one"
    if _bits(secret) < _LEAST_BITS:
        return "too regular to be random"
    return ""


def _bits(secret: bytes) -> float:
    """Estimate the entropy: repeated parts count once, and a sequence is known by its steps."""
    steps = [after - before for before, after in itertools.pairwise(secret)]
    parts = {secret[i : i + 3] for i in range(len(secret) - 2)}
    return min(_entropy(secret), _entropy(steps)) * len(parts)


def _entropy(values: Sequence[int]) -> float:
    """Bits a value (Shannon), from how often each occurs."""
    shares = [count / len(values) for count in collections.Counter(values).values()]
    return -sum(share * math.log2(share) for share in shares)
