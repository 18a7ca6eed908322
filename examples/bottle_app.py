"""Bottle, run by its own command line.

$ python -m bottle --bind 127.0.0.1:8000 bottle_app:app
"""

import time

import bottle

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>Bottle</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'

site = bottle.Bottle()


@site.get("/")
def page():
    return PAGE


@site.get("/stream")
def stream():
    bottle.response.content_type = "text/plain"
    for _ in range(3):
        yield f"{time.time()}\n"
        time.sleep(0.3)


app = PlaceholderMiddleware(site)
