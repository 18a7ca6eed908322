"""Pages of a site without media, each in a frame, and what a browser shows of their pictures."""

import html
import json
import re

import chromium

_INDEX = """<!doctype html><title>Site</title>%s<pre id="found"></pre>
<script>
onload = () => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe"))
    found[frame.name] = [...frame.contentDocument.images].map(image => [
      [image.naturalWidth, image.naturalHeight], [image.clientWidth, image.clientHeight],
    ]);
  document.getElementById("found").textContent = JSON.stringify(found);
};
</script>"""


def site(folder, paths, monkeypatch):
    """Make the folder that of a site in tests/data/: the index of `paths`, and no media."""
    (folder / "media").mkdir()
    (folder / "index.html").write_text(index(paths), "utf-8")
    monkeypatch.setenv("SITE", str(folder))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    return folder


def follow(folder, text, monkeypatch):
    """Let the site do what the Python blocks of a text say."""
    recipes = folder / "recipes.py"
    recipes.write_text("".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), "utf-8")
    monkeypatch.setenv("RECIPES", str(recipes))


def index(paths):
    """Return a page that shows those of the same site, in frames with their paths as names."""
    frames = (
        f'<iframe src="{path}" name="{path}" width="900" height="700"></iframe>' for path in paths
    )
    return _INDEX % "".join(frames)


def pictures(url):
    """Load an `index`; return by path [size of the file, size on the page] of each picture."""
    document = chromium.dom(url)
    text = document.partition('<pre id="found">')[2].partition("</pre>")[0]
    return json.loads(html.unescape(text))
