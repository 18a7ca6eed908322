"""Draw the pictures that the README shows: `python docs/make_pictures.py`."""

from pathlib import Path

from wsgi_placeholder import render

PICTURES = {
    "hero": "600x300/1d3557/f1faee?text=600 × 300\\nHero&weight=700",
    "size": "300x200",
    "background": "300x200/teal",
    "colors": "300x200/1d3557/ffd166",
    "transparent": "300x200/transparent/c00",
    "lines": "300x200?text=Two\\nlines",
    "fields": "300x200?text={width} by {height}",
    "cyrillic": "300x200?text=Привет",
    "frame": "300x200/lavender?radius=30&border=4",
    "circle": "150/tomato?radius=75&text=AB",
    "bold": "300x200?size=60&weight=900&text=Bold",
    "align": "300x200?align=bottom-left&padding=8",
}

if __name__ == "__main__":
    folder = Path(__file__).parent / "pictures"
    for name, url in PICTURES.items():
        (folder / f"{name}.png").write_bytes(render(url).body)
