"""The same pictures from what else people run: Flask with the blog post's code, Node's sharp."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import median, ratio, rounds, table
from benchmarks.pictures import SIZES, blog_post, ours

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    print("Whole requests, cold, CPU time: others ÷ ours\n")
    sharp = _sharp()
    rows = []
    for width, height in SIZES:
        url = f"/placeholder/{width}x{height}"
        ways: dict[str, Callable[[], object]] = {"png": ours(url), "jpeg": ours(url + ".jpg")}
        if importlib.util.find_spec("flask"):
            ways["flask"] = _flask(width, height)
        taken = rounds(ways)
        row = [f"{width}×{height}"]
        row.append(f"{ratio(taken['flask'], taken['png']):.1f}×" if "flask" in taken else "—")
        for format in ("png", "jpeg"):
            other = sharp.get(f"{width}x{height}.{format}")
            row.append(f"{other / 1e3 / median(taken[format]):.1f}×" if other else "not measured")
        rows.append(row)
    table(["", "Flask and the blog post's code, PNG", "sharp, PNG", "sharp, JPEG"], rows)


def _flask(width: int, height: int) -> Callable[[], object]:
    import flask

    app = flask.Flask(__name__)
    draw = blog_post(width, height)

    @app.route("/<size>.png")
    def picture(size: str) -> flask.Response:
        return flask.Response(draw(), mimetype="image/png")

    client = app.test_client()
    return lambda: client.get(f"/{width}x{height}.png").data


def _sharp() -> dict[str, float]:
    """CPU milliseconds by picture; empty without Node or its package (`npm install sharp`)."""
    node, script = shutil.which("node"), Path(__file__).with_name("sharp.cjs")
    if not node:
        return {}
    run = subprocess.run(
        [node, str(script), json.dumps(SIZES)], capture_output=True, check=False, text=True
    )
    return json.loads(run.stdout) if not run.returncode else {}
