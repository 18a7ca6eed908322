"""A Pyramid site that knows pictures which its folders lack.

SITE is its folder, with `index.html` and the empty `media`; RECIPES the Python file with what
docs/missing-frameworks.md adds to it; without it the site stands alone.
"""

import json
import os
from pathlib import Path

from mako.template import Template
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileResponse, Response
from pyramid.static import ManifestCacheBuster, QueryStringConstantCacheBuster

SITE = Path(os.environ["SITE"])
MEDIA = SITE / "media"

TEMPLATES = {
    "busters": """
        <img src="${request.static_url(media + '/cat-300x200.jpg')}">
        <img src="${request.static_url(media + '/logo.svg')}" width="120" height="40">""",
    "manifest": """<img src="${request.static_url(busted + '/cat-90x60.png')}">""",
    "traversal": """<img src="/folder/inside/cat-80x50.webp">""",
    "slash": """
        <img src="/cat-70x50.png">
        <img src="/dog.png" width="44" height="33">""",
    "file": """<img src="/file/cat-60x40.gif">""",
    "avatars": """<img src="/uploads/avatars/jane.jpg">""",
}


def index(request):
    return FileResponse(SITE / "index.html")


def page(request):
    name = request.matchdict["page"]
    if name == "pyramid_storage":
        source = (SITE / f"{name}.html").read_text("utf-8")
    elif name in TEMPLATES:
        source = TEMPLATES[name]
    else:
        raise HTTPNotFound
    things = {"request": request, "media": str(MEDIA), "busted": str(SITE / "busted")}
    return Response(f"<!doctype html><title>{name}</title>{Template(source).render(**things)}")


def file(request):
    return FileResponse(MEDIA / request.matchdict["name"])


def notfound(request):
    """What people are shown."""
    answer = Response("<!doctype html><title>Nothing</title><h1>Nothing here</h1>", status=404)
    answer.set_cookie("seen", "404")
    return answer


def main(global_config, **settings):
    (SITE / "busted").mkdir(exist_ok=True)
    (SITE / "manifest.json").write_text(json.dumps({"cat-90x60.png": "cat-90x60-1a2b3c4d.png"}))
    settings |= {"storage.base_path": str(MEDIA), "storage.base_url": "/uploads/"}
    config = Configurator(settings=settings)
    config.include("pyramid_storage")
    config.add_static_view("uploads", str(MEDIA))
    config.add_static_view("static", str(MEDIA))
    config.add_cache_buster(str(MEDIA), QueryStringConstantCacheBuster("7"))
    config.add_static_view("busted", str(SITE / "busted"))
    config.add_cache_buster(str(SITE / "busted"), ManifestCacheBuster(str(SITE / "manifest.json")))
    config.add_route("index", "/")
    config.add_route("page", "/{page}/")
    config.add_route("file", "/file/{name}")
    config.add_view(index, route_name="index")
    config.add_view(page, route_name="page")
    config.add_view(file, route_name="file")
    if "RECIPES" in os.environ:
        exec(Path(os.environ["RECIPES"]).read_text("utf-8"), globals() | {"config": config})
    else:
        config.add_notfound_view(notfound, append_slash=True)
    return config.make_wsgi_app()
