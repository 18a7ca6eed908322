"""Signatures: URLs that only this site, or who shares its secret, can have made.

    {prefix}/s/{signature}/600x400?text=Hello

The signature is the first 128 bits of HMAC-SHA256 (RFC 2104), as 22 characters of base64url (RFC
4648, 5), under the key `subkey(secret, "sign")`, over

    the length of the path in bytes, in decimal digits | a space | path | query

The path is that of the unsigned URL, prefix included, percent-decoded, as PEP 3333 hands it over;
the query is the raw one, without its question mark.
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from wsgi_placeholder.errors import BadSignature
from wsgi_placeholder.tokens import checked_secrets, subkey

if TYPE_CHECKING:
    from collections.abc import Sequence

_START = "/s/"
_SIGNED = re.compile(r"/s/([A-Za-z0-9_-]{22})(/.*)", re.DOTALL)


class Signer:
    """Signs URLs below one prefix with the first of `secrets`, and knows signatures of all.

    The secrets themselves are not kept. Raises TypeError or ValueError for those that
    `checked_secrets` refuses.
    """

    def __init__(self, secrets: str | bytes | Sequence[str | bytes], prefix: str) -> None:
        self._keys = [subkey(secret, "sign") for secret in checked_secrets(secrets)]
        self._prefix = prefix.encode()

    def sign(self, url: str) -> str:
        """Return the signed form of what follows the prefix in a URL, "/600x400?text=Hello".

        Characters that some clients encode on their way (|), or a srcset takes for its own (,), are
        encoded first, for the URL must arrive as it was signed.
        """
        url = url.replace("|", "%7C").replace(",", "%2C")
        path, _, query = url.partition("?")
        signature = self._signature(self._keys[0], unquote_to_bytes(path), query.encode())
        return f"{_START}{signature}{url}"

    def opened(self, path: str, query: str) -> str | None:
        """Return the path that was signed, or None for one without a signature.

        `path` is what follows the prefix, as a WSGI string; `query` is raw. Raises BadSignature.
        """
        if not path.startswith(_START):
            return None
        match = _SIGNED.fullmatch(path)
        try:
            signed = (match[2] if match else "").encode("latin-1"), query.encode("latin-1")
        except UnicodeEncodeError:
            raise BadSignature from None
        given = match[1] if match else ""
        # All are compared, whichever matches.
        if sum([hmac.compare_digest(self._signature(key, *signed), given) for key in self._keys]):
            return match[2] if match else None
        raise BadSignature

    def _signature(self, key: bytes, path: bytes, query: bytes) -> str:
        path = self._prefix + path
        digest = hmac.digest(key, b"%d %b%b" % (len(path), path, query), "sha256")
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
