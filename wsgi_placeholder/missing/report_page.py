"""The report of what is missing, as a page for people."""

from __future__ import annotations

import html
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from wsgi_placeholder.missing.report import Missing, Report

# More rows than anybody reads; the lists for programs have them all.
_MOST_ROWS = 1000

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
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
th { color: var(--soft); font-weight: 400; text-align: left }
th, td { padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td:nth-child(-n+2), th:nth-child(-n+2) { text-align: right; white-space: nowrap }
td { font: 13px/1.5 ui-monospace, monospace }
bdi { overflow-wrap: anywhere }
td bdi { display: block }
</style>
<h1>$title</h1>
<p>$summary The same as <a href="?format=text">a list for rsync</a> and as
<a href="?format=json">JSON</a>.</p>
$table
</html>
""")
_TABLE = Template("""<table>
<thead><tr><th>Times<th>Size<th>File<th>Told by<th>Last asked for by</thead>
$rows
</table>""")


def as_html(report: Report) -> str:
    """Return the page: self-contained, and without the pictures, which would count as missed."""
    files = report.files()
    times = sum(file.count for file in files)
    summary = (
        f"{_counted(len(files), 'file')}, replaced {_counted(times, 'time')} by this process."
        if files
        else "This process has replaced nothing yet."
    )
    if report.forgotten:
        summary += f" {_counted(report.forgotten, 'more path')} did not fit in here."
    if len(files) > _MOST_ROWS:
        summary += f" Shown are the {_MOST_ROWS} that are wanted most."
    rows = "\n".join([_row(file) for file in files[:_MOST_ROWS]])
    table = _TABLE.substitute(rows=rows) if files else ""
    return _PAGE.substitute(title="Missing files", summary=summary, table=table)


def _row(file: Missing) -> str:
    size = f"{file.width}×{file.height}" if file.width else "–"
    path = _bdi(html.escape(file.path))
    pages = "".join(map(_link, file.pages))
    return f"<tr><td>{file.count}<td>{size}<td>{path}<td>{html.escape(file.rule)}<td>{pages}"


def _link(page: str) -> str:
    # A browser would take two slashes for the start of a host.
    href = quote("/" + page.lstrip("/"), safe="/~!$&'()*+,;=:@")
    return _bdi(f'<a href="{html.escape(href)}">{html.escape(page)}</a>')


def _bdi(inner: str) -> str:
    """Keep a name whose letters turn the direction of text from turning its neighbours."""
    return f"<bdi>{inner}</bdi>"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
