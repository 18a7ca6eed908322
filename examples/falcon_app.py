"""Falcon on waitress.

$ waitress-serve --listen=127.0.0.1:8000 falcon_app:app
"""

import time

import falcon

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>Falcon</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'


class Page:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = PAGE


class Stream:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.stream = self.clock()

    def clock(self):
        for _ in range(3):
            yield f"{time.time()}\n".encode()
            time.sleep(0.3)


site = falcon.App()
site.add_route("/", Page())
site.add_route("/stream", Stream())

app = PlaceholderMiddleware(site)
