"""What Selenium's does for a test: load a page and its pictures, whatever comes of these."""

import contextlib
import re
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import Request, urlopen


def get(url):
    with urlopen(url) as page:
        sources = re.findall('src="(.*?)"', page.read().decode())
    for source in sources:
        picture = Request(urljoin(url, source), headers={"Referer": url})
        with contextlib.suppress(HTTPError), urlopen(picture) as answer:
            answer.read()
