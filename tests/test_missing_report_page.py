"""The report as a page: for people, in every window, and with nothing in it that runs."""

import json
import re
from html.parser import HTMLParser

import chromium
from threaded import served

from wsgi_placeholder.missing.report import Report
from wsgi_placeholder.missing.report_page import as_html

HOSTILE = "/<script>alert(1)</script>\"'&{x}$title.png"


class Page(HTMLParser):
    """The texts of the cells, the tags, and where the links lead."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.links = [], set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


def test_the_page_shows_all_and_runs_nothing():
    report = Report()
    report.note(HOSTILE, "name", 300, 200, "http://h/%3Cscript%3E$table")
    report.note("/b.csv", "type", referer="http://evil//evil.example/\xc3\xa9?%22")
    page = Page(as_html(report))
    _, *rows = page.rows
    assert rows == [
        ["1", "300×200", HOSTILE, "name", "/<script>$table"],
        ["1", "–", "/b.csv", "type", "//evil.example/é"],
    ]
    assert page.links == [
        "?format=text", "?format=json", "/%3Cscript%3E$table", "/evil.example/%C3%A9",
    ]  # fmt: skip
    assert not page.tags & {"script", "img", "link", "iframe", "form", "base"}
    text = as_html(report)
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"@import|url\(|\son\w+=", text)


def test_the_page_of_much_says_that_it_is_not_all():
    report = Report(most=1500)
    for number in range(1600):
        report.note(f"/{number}.png", "name", 3, 2)
    text = as_html(report)
    assert len(Page(text).rows) == 1001
    for words in ("1,500 files", "100 more paths did not fit", "Shown are the 1,000"):
        assert words in text


def test_the_page_of_nothing_has_no_table():
    text = as_html(Report())
    assert "This process has replaced nothing yet." in text
    assert "<table" not in text
    assert "?format" not in text


def test_what_nobody_would_see_is_shown():
    report = Report()
    report.note("/a\nb\x1b[2J\u202egpj.exe\u2028\u00a0.png", "name", 3, 2, "http://h/%E2%80%AEa")
    [_, [*_, path, _, page]] = Page(as_html(report)).rows
    assert path == "/a\\nb\\x1b[2J\\u202egpj.exe\\u2028\xa0.png"
    assert page == "/\\u202ea"


def test_the_parts_of_a_path_stand_in_their_order():
    """Two Arabic names and the slash between them would be one run from right to left."""
    report = Report()
    report.note("/m/صور/قطة-2.png", "name", 3, 2)
    parts = [f'<bdi dir="ltr">{part}</bdi>' for part in ("m", "صور", "قطة-2.png")]
    assert f'<td><bdi dir="ltr">/{"/".join(parts)}</bdi>' in as_html(report)


# For each width of a window, that of what is in it, and of a cell with the name of a file.
MEASURE = """<!doctype html>%s<pre></pre><script>
onload = () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => [
    frame.clientWidth, frame.contentDocument.documentElement.scrollWidth,
    frame.contentDocument.querySelector("td:nth-child(3)").clientWidth,
  ]);
  document.querySelector("pre").textContent = JSON.stringify(found);
};
</script>"""


def test_the_page_fits_into_every_window():
    report = Report()
    report.note("/" + "long-name-" * 30 + "x" * 200 + ".png", "versatileimagefield", 99999, 99999)
    for _ in range(1000):
        report.note("/short.jpg", "name", 300, 200, f"http://h/{'slug-' * 30}{'y' * 90}/")
    widths = (320, 400, 700, 800, 1280)
    frames = (
        f'<iframe src="/report" width="{width}" frameborder="0"></iframe>' for width in widths
    )
    index = MEASURE % "".join(frames)

    def pages(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [(as_html(report) if environ["PATH_INFO"] == "/report" else index).encode()]

    with served(pages) as address:
        document = chromium.dom(address)
    found = json.loads(re.search(r"<pre>(.*?)</pre>", document)[1])
    assert [width for width, _, _ in found] == [*widths]
    for width, needed, cell in found:
        assert needed <= width
        assert cell >= min(0.8 * width, 250)
