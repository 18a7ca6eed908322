"""The report of what is missing, as a page for people."""

from __future__ import annotations

import html
import re
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from wsgi_placeholder.missing.report import Missing, Report

# More rows than anybody reads; the lists for programs have them all.
_MOST_ROWS = 1000
# Controls, and what turns the direction of text: nobody would see them, or see another name.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --page: #fff; --line: #d8dde3;
  --link: #0a58ca }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9aa4af; --page: #111418; --line: #30363d; --link: #6cb0ff }
}
body { margin: 0 auto; padding: 2.5rem 1.5rem; max-width: 66rem; background: var(--page);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 2rem; letter-spacing: -.02em }
p { margin: .5rem 0 1.5rem; max-width: 54rem; color: var(--soft) }
a { color: var(--link) }
table { width: 100%; border-collapse: collapse }
th { color: var(--soft); font-weight: 400; text-align: left; white-space: nowrap }
th, td { padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td:nth-child(-n+2), th:nth-child(-n+2) { text-align: right; white-space: nowrap }
td { font: 13px/1.5 ui-monospace, monospace }
bdi { overflow-wrap: anywhere }
td > bdi { display: block }
@media (max-width: 60rem) {
  body { padding: 1.5rem 1rem }
  thead { display: none }
  table, tbody { display: block }
  tr { display: grid; grid-template-columns: auto auto 1fr; gap: .15rem 1rem;
    padding: .6rem 0; border-bottom: 1px solid var(--line) }
  td { padding: 0; border: 0; color: var(--soft) }
  td:nth-child(3) { grid-row: 1; grid-column: 1 / -1; color: var(--ink); font-weight: 600 }
  td:nth-child(5) { grid-column: 1 / -1 }
  td:first-child::after { content: " ×" }
}
</style>
<h1>$title</h1>
<p>$summary</p>
$table
</html>
""")
_TABLE = Template("""<table>
<thead><tr><th>Times<th>Size<th>File<th>Told by<th>Last asked for by</thead>
$rows
</table>""")
_ELSEWHERE = """ The same as <a href="?format=text">a list for rsync</a> and as
<a href="?format=json">JSON</a>."""


def as_html(report: Report, process: int | None = None) -> str:
    """Return the page: self-contained, and without the pictures, which would count as missed.

    `process` is the number of this one, where the server has more of them.
    """
    files = report.files()
    times = sum(file.count for file in files)
    who = f"process {process}" if process else "this process"
    if files:
        summary = f"{_counted(len(files), 'file')}, replaced {_counted(times, 'time')} by {who}."
    else:
        summary = f"{who.capitalize()} has replaced nothing yet."
    if process:
        summary += " Each process of the server counts its own."
    if report.forgotten:
        summary += f" {_counted(report.forgotten, 'more path')} did not fit in here."
    if len(files) > _MOST_ROWS:
        summary += f" Shown are the {_MOST_ROWS:,} that are wanted most."
    if files:
        summary += _ELSEWHERE
    rows = "\n".join([_row(file) for file in files[:_MOST_ROWS]])
    table = _TABLE.substitute(rows=rows) if files else ""
    return _PAGE.substitute(title="Missing files", summary=summary, table=table)


def _row(file: Missing) -> str:
    size = f"{file.width}×{file.height}" if file.width else "–"
    path = _bdi(_shown(file.path))
    pages = "".join(map(_link, file.pages))
    return f"<tr><td>{file.count}<td>{size}<td>{path}<td>{html.escape(file.rule)}<td>{pages}"


def _link(page: str) -> str:
    # A browser would take two slashes for the start of a host.
    href = quote("/" + page.lstrip("/"), safe="/~!$&'()*+,;=:@")
    return _bdi(f'<a href="{html.escape(href)}">{_shown(page)}</a>')


def _shown(path: str) -> str:
    """Return a path as HTML: its parts stand in their order, whatever the direction of each."""
    text = html.escape(_UNSEEN.sub(lambda found: ascii(found[0])[1:-1], path))
    return text if text.isascii() else "/".join(map(_bdi, text.split("/")))


def _bdi(inner: str) -> str:
    return f'<bdi dir="ltr">{inner}</bdi>' if inner else ""


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
