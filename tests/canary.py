"""A text that must be nowhere: its spellings, and looking for them, in bytes and in a process."""

import base64
import codecs
import gc
import types
import zlib
from html import escape
from urllib.parse import quote

# Not as it is, or this module's own constants would be found: each letter one further.
_LETTERS = "dbobszZr8yLAijeefowbmf/fybnqmf"
_PARTS = slice(0, 11), slice(12, 22)  # enough of it to be told: the name, and the place


def canary():
    """Return the text, a new object each time."""
    return "".join(chr(ord(letter) - 1) for letter in _LETTERS)


def spellings(text=None):
    """Return all that a text, or a good part of it, might be written as, in bytes."""
    text = text or canary()
    found = set()
    for part in (text, *(text[part] for part in _PARTS)):
        for word in (part, part.upper(), part.lower(), part[::-1], codecs.encode(part, "rot13")):
            data = word.encode()
            found |= {data, data.hex().encode(), data.hex().upper().encode()}
            found |= {word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode("utf-32-le")}
            found |= {quote(word).encode(), escape(word).encode(), ascii(word).encode()}
            found |= {b"".join(b"%%%02X" % byte for byte in data)}
            found |= {",".join(map(str, data)).encode(), ", ".join(map(str, data)).encode()}
            for start in range(
                3
            ):  # base64 of anything with it inside, but for letters at its edges
                whole = b"\0" * start + data
                whole = whole[: len(whole) // 3 * 3]
                inner = base64.b64encode(whole)[4 if start else 0 :]
                found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
            found.add(base64.b32encode(data[: len(data) // 5 * 5]))
        found.add(zlib.compress(part.encode())[2:-4])
    return {each for each in found if len(each) > 7}


_SPELLINGS = spellings()


def said_in(data):
    """Return the spellings that occur in bytes or a string."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    return [each for each in _SPELLINGS if each in data]


def inside(picture):
    """Yield the parts of a PNG, those that are compressed as what they hold, and what follows."""
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(picture):
        length = int.from_bytes(picture[at : at + 4])
        kind, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        yield kind, zlib.decompress(data) if kind == b"IDAT" else data
        at += 12 + length


def of_the_package():
    """Return all objects of the package's types that the garbage collector knows."""
    return [
        thing
        for thing in gc.get_objects()
        if str(type(thing).__module__).startswith("wsgi_placeholder")
    ]


def _shown(thing):
    try:
        return repr(thing).encode("utf-8", "surrogatepass")
    except Exception:  # half made, or half gone
        return b""


def kept_in_process():
    """Return where this process says the text: reprs of the package's objects, and any string."""
    gc.collect()
    strings = {id(thing): (_shown(thing), type(thing)) for thing in of_the_package()}
    todo = [thing for thing in gc.get_objects() if type(thing) is not types.FrameType]
    while todo:
        thing = todo.pop()
        kind = type(thing)
        for each in gc.get_referents(thing) if thing is not _SPELLINGS else ():
            if type(each) is str:
                strings[id(each)] = each.encode("utf-8", "surrogatepass"), kind
            elif type(each) in (bytes, bytearray):
                strings[id(each)] = each, kind
            elif type(each) in (dict, tuple) and not gc.is_tracked(each):  # holds only such
                todo.append(each)
    found = said_in(b"\n".join(data for data, _ in strings.values()))
    return [
        f"{each!r} in a {kind.__module__}.{kind.__qualname__}"
        for data, kind in strings.values()
        for each in found
        if each in data
    ]
