"""How cost grows with the picture, and what a huge one takes."""

from __future__ import annotations

import resource

from benchmarks.measure import ratio, rounds
from benchmarks.pictures import ours
from wsgi_placeholder import Config, Spec
from wsgi_placeholder.formats import png
from wsgi_placeholder.styles.flat import compose


def main() -> None:
    taken = rounds({
        "large": ours("/placeholder/3840x2160"),
        "small": ours("/placeholder/600x400"),
    })  # fmt: skip
    growth = ratio(taken["large"], taken["small"])
    print(f"A PNG of 3840×2160 costs {growth:.1f} times one of 600×400, for 35 times the pixels.")
    fonts = Config().loaded_fonts
    scene = compose(Spec.of(10_000), fonts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = len(png.encode(scene))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
    print(f"A PNG of 10000×10000 takes {grown:.1f} MB above the base and has {size} bytes.")
