"""A picture that is not in the cache: CPU time and bytes against the usual ways."""

from __future__ import annotations

from benchmarks.measure import median, ratio, rounds, table
from benchmarks.pictures import SIZES, blog_post, glyphs, ours, rgba


def main() -> None:
    print("Cold pictures, CPU time of a whole request (parse, lay out, draw, encode, answer)\n")
    rows = []
    for width, height in SIZES:
        url = f"/placeholder/{width}x{height}"
        ways = {
            "png": ours(url),
            "blog": blog_post(width, height),
            "rgba": rgba(width, height),
            "glyphs": glyphs(width, height),
            "jpeg": ours(url + ".jpg"),
            "pillow jpeg": blog_post(width, height, "JPEG"),
            "color jpeg": ours(url + "/09f/000.jpg"),
            "pillow color jpeg": blog_post(width, height, "JPEG", "#09f", "#000"),
        }
        taken = rounds(ways)
        size = {name: len(way()) for name, way in ways.items() if name != "glyphs"}  # type: ignore[arg-type]
        rows.append([
            f"{width}×{height}",
            f"{median(taken['png']) * 1e3:.2f} ms",
            f"{ratio(taken['blog'], taken['png']):.1f}×",
            f"{ratio(taken['rgba'], taken['png']):.1f}×",
            f"{ratio(taken['png'], taken['glyphs']):.2f}×",
            f"{size['blog'] / size['png']:.2f}×",
            f"{median(taken['jpeg']) * 1e3:.2f} ms",
            f"{ratio(taken['pillow jpeg'], taken['jpeg']):.1f}×",
            f"{ratio(taken['pillow color jpeg'], taken['color jpeg']):.1f}×",
            f"{size['jpeg'] / size['pillow jpeg']:.3f}",
            f"{size['color jpeg'] / size['pillow color jpeg']:.3f}",
        ])  # fmt: skip
    table(
        ["", "our PNG", "blog post's PNG ÷ ours", "RGBA painting ÷ ours", "ours ÷ glyphs alone",
         "blog post's bytes ÷ ours", "our JPEG", "Pillow's JPEG ÷ ours", "÷ ours in colour",
         "bytes ÷ Pillow's", "in colour"],
        rows,
    )  # fmt: skip
