"""docs/services.md tells the truth."""

import re
from pathlib import Path

from wsgi_placeholder import convert, dialects, registry

PAGE = (Path(__file__).parents[1] / "docs" / "services.md").read_text(encoding="utf-8")


def test_every_service_stands_in_the_table_with_its_hosts():
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \|", PAGE, re.MULTILINE)
    told = {host: name for name, hosts in rows for host in hosts.split()}
    assert told == dict(dialects.hosts())
    assert {name for name, _ in rows} == {*registry.names("dialects")} - {"native"}


def test_what_it_says_of_convert():
    url, native = re.search(r'convert\("(.*?)"\)  # \'(.*)\'', PAGE).groups()
    assert convert(url) == native


def test_the_pasted_urls_are_answered(get):
    pasted = re.findall(r"^    (/placeholder/\S+)$", PAGE, re.MULTILINE)
    assert len(pasted) == 2
    assert all(get(url)["Content-Type"] == "image/png" for url in pasted)
