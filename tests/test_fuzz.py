"""Random requests: whatever a client sends, the answer is one of a few, clean, and cheap.

`pytest tests/test_fuzz.py --fuzz 100000` makes more of them and prints what they did. A failure
names the seed and the number of its request; the same seed makes the same requests again.
"""

import collections
import random
import resource
import time
from urllib.parse import quote

import pytest
from asking import PAGE, ask, checked, environ_for, page

from wsgi_placeholder import PlaceholderMiddleware, formats
from wsgi_placeholder.sizes import NAMED

SEEDS = (1, 2, 3)
CLEAN = {200, 204, 304, 400, 405, 406, 414}
VALID_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH"}
# Longer than this no answer may keep a processor busy.
MOST_SECONDS = 0.5
MOST_BYTES = 4_000_000

METHODS = ["GET"] * 60 + ["HEAD"] * 12 + sorted(VALID_METHODS) + ["get", "FOO", "", "G\xc9T"]
EXTENSIONS = [*formats.by_extension()] * 3 + ["auto", "bmp", "pngx", "", "PNG", "j2k"]
COLOURS = ["f00", "09f8", "aabbcc", "11223344", "red", "transparent", "7", "ab"]
COLOURS = [*COLOURS * 4, "gg0000", "-"]
KEYS = [
    "text", "bg", "fg", "style", "font", "size", "weight", "align", "padding", "radius", "border",
    "scale", "quality", "format", "grayscale", "seed", "v", "_", "background", "color", "dpr", "q",
    "TEXT", "txt", "stroke", "speed", "", "text[]",
]  # fmt: skip
VALUES = [
    "", "0", "1", "2", "12", "50", "99", "100", "1024", "99999", "-1", "1e9", "0.5", "1.25", "NaN",
    "inf", "20px", "١٢", "true", "flat", "inter", "Inter", "bold", "900", "center", "top-left",
    "red", "f00", "3,red", "3,", ",,", "auto", "png", "../../etc/passwd", "{width}x{height}",
    "{format}|{scale}", r"a\nb\|c\\d", "a|b|c|d|e|f|g|h|i|j|k|l", "word " * 40, "\n" * 50,
    "שלום עולם", "漢字かな交じり文", "مرحبا", "नमस्ते", "👩‍👩‍👧", "e\u0301\u0301\u0301\u0301\u0301",
    "\u202eabc", "\u2028", "\0", "\ufeff", "€", "×", "<script>", '";x="', "a\r\nSet-Cookie: x=1",
]  # fmt: skip
# What a key may well be given; any key gets any of the VALUES too.
FITTING = {
    "text": VALUES, "bg": COLOURS, "fg": COLOURS, "size": ["9", "24", "1024"], "seed": VALUES,
    "weight": ["100", "bold"], "align": ["left", "top-left", "right-bottom"], "v": VALUES,
    "padding": ["0", "8.5", "9999"], "radius": ["0", "12", "99999"], "border": ["1", "500,red"],
    "scale": ["1", "2", "1.25", "4"], "quality": ["1", "50", "100"], "format": EXTENSIONS,
    "grayscale": ["", "no"], "font": ["inter", "Inter"],
}  # fmt: skip
HEADERS = [
    "accept", "sec_fetch_dest", "if_none_match", "if_modified_since", "if_range", "range", "host",
    "accept_encoding", "user_agent", "cookie", "origin", "x_forwarded_host",
]  # fmt: skip
HEADER_VALUES = [
    "*/*", "image/*", "image/avif,image/webp,*/*;q=0.8", "text/html,*/*;q=0.1", "application/json",
    "image/png;q=0", "image/png;q=2", ";;", "q=", "image", "document", "empty", "*", 'W/"x"',
    ",", "bytes=0-0", "bytes=-1,5-", "Sat, 29 Oct 1994 19:43:31 GMT", "x" * 600, "a, " * 300,
]  # fmt: skip


class Requests:
    """Makes environs, half of them close to what is right."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def one(self):
        chance = self.chance
        url = self.path()
        if chance.random() < 0.6:
            url += "?" + "&".join(
                self.pair() for _ in range(chance.choice([1] * 5 + [2] * 5 + [3, 5, 8, 20]))
            )
        if chance.random() < 0.15:
            url = self.mutated(url)
        headers = {
            name: self.bytes(40) if chance.random() < 0.2 else chance.choice(HEADER_VALUES)
            for name in chance.sample(HEADERS, chance.choice([0, 0, 0, 1, 2, 6, 12]))
        }
        if chance.random() < 0.05:
            headers["if_none_match"] = chance.choice(["*", 'W/"x", *'])
        prefix = chance.choice(["/placeholder"] * 30 + ["/placeholderx", "/x/placeholder"])
        return environ_for(
            prefix + url, chance.choice(METHODS), chance.choice(["", "/sub"]), **headers
        )

    def path(self):
        chance = self.chance
        if chance.random() < 0.1:
            return "/" + self.bytes(60)
        parts = [self.size() + chance.choice([""] * 25 + ["@2x", "@1.5x", "@4x", "@9x", "@x"])]
        parts += [
            chance.choice(COLOURS) for _ in range(chance.choice([0] * 5 + [1] * 4 + [2] * 4 + [3]))
        ]
        if chance.random() < 0.2:
            parts.insert(chance.randrange(len(parts) + 1), chance.choice(EXTENSIONS))
        elif chance.random() < 0.6:
            parts[-1] += "." + chance.choice(EXTENSIONS)
        return chance.choice(["/"] * 40 + ["//", "", "/../"]) + "/".join(parts)

    def size(self):
        chance = self.chance
        kind = chance.random()
        if kind < 0.1:
            return chance.choice([*NAMED, "0", "x", "1x0", "-5", "٣٠٠", "4:3", "9" * 40, "1x1x1"])
        if kind < 0.2:
            return chance.choice(["640x4:3", "16:9x320", "1:1x50", "7.5x3:2", "1x1:9999", "0:1x5"])
        if kind < 0.25:
            return f"{self.side(5)}x{self.side(5)}"
        return f"{self.side(2.8)}x{self.side(2.8)}"

    def side(self, most):
        return int(10 ** self.chance.uniform(0, most))

    def pair(self):
        chance = self.chance
        key = chance.choice(list(FITTING))
        value = chance.choice(FITTING[key])
        if chance.random() < 0.15:
            key = chance.choice(KEYS)
            value = self.bytes(30) if chance.random() < 0.3 else chance.choice(VALUES)
        if chance.random() < 0.8:
            value = quote(value)
        else:
            value = value.encode().decode("latin-1").replace("&", "").replace("?", "")
        return f"{key}={value}"

    def mutated(self, url):
        chance = self.chance
        at = chance.randrange(len(url) + 1)
        return url[:at] + chance.choice(["", self.bytes(3), "%", "&", "?"]) + url[at + 1 :]

    def bytes(self, most):
        """Anything but `?`, which would end the path."""
        length = self.chance.randrange(1, most)
        return "".join(chr(self.chance.randrange(256)) for _ in range(length)).replace("?", "!")


def examine(environ, answer):
    for name, value in answer.headers:
        for text in (name, value):
            assert text.isascii()
            assert text.isprintable()
    if answer["Content-Type"] == "text/plain":  # ours has a charset
        assert answer.body == PAGE or environ["REQUEST_METHOD"] == "HEAD"
        return "passed on"
    assert answer.code in CLEAN
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert len(answer.body) < MOST_BYTES
    if answer.code in (204, 304):
        assert answer["Content-Length"] is answer["Content-Type"] is None
    else:
        length = 0 if environ["REQUEST_METHOD"] == "HEAD" else int(answer["Content-Length"])
        assert length == len(answer.body)
    if answer.code >= 400:
        assert answer["Cache-Control"] == "no-store"
    if answer.code in (200, 304):
        assert answer["ETag"]
    if answer.code == 405:
        assert answer["Allow"]
    return answer.code


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_asked_the_answer_is_clean_and_cheap(seed, request, capsys):
    """T-I1, T-D3, T-H1, T-H3, T-H8, and R-5 of the reliability figures"""
    app = PlaceholderMiddleware(page)
    between = checked(app)
    requests = Requests(seed)
    outcomes = collections.Counter()
    spent = []
    count = request.config.getoption("--fuzz")
    for number in range(-(-count // len(SEEDS))):
        environ = requests.one()
        validated = environ["REQUEST_METHOD"] in VALID_METHODS
        begun = time.process_time()
        try:
            answer = ask(between if validated else app, dict(environ))
            spent.append(time.process_time() - begun)
            outcomes[examine(environ, answer)] += 1
            assert spent[-1] < MOST_SECONDS
        except Exception as error:
            wrong = {key: value for key, value in environ.items() if key.isupper()}
            raise AssertionError(f"seed {seed}, request {number}: {wrong}") from error
    assert outcomes[200] > len(spent) / 10
    assert outcomes[400] > len(spent) / 10
    assert set(outcomes) >= {200, 204, 304, 400, 405, "passed on"}
    if count > 5_000:
        spent.sort()
        with capsys.disabled():
            print(
                f"\nseed {seed}: {len(spent)} requests, {dict(outcomes.most_common())},"
                f" CPU ms median {spent[len(spent) // 2] * 1000:.2f},"
                f" 99 % {spent[len(spent) * 99 // 100] * 1000:.0f}, most {spent[-1] * 1000:.0f};"
                f" peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
            )
