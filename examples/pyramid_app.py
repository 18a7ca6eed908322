"""Pyramid, wrapped by code; pyramid_paste.ini wraps the same site by Paste Deploy.

$ waitress-serve --listen=127.0.0.1:8000 --call pyramid_app:wrapped
"""

import time

from pyramid.config import Configurator
from pyramid.response import Response

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>Pyramid</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'


def page(request):
    return Response(PAGE)


def stream(request):
    def clock():
        for _ in range(3):
            yield f"{time.time()}\n".encode()
            time.sleep(0.3)

    return Response(app_iter=clock(), content_type="text/plain")


def main(global_config, **settings):
    with Configurator(settings=settings) as config:
        config.add_route("page", "/")
        config.add_route("stream", "/stream")
        config.add_view(page, route_name="page")
        config.add_view(stream, route_name="stream")
    return config.make_wsgi_app()


def wrapped():
    return PlaceholderMiddleware(main({}))
