"""Plain WSGI, with nothing but the standard library's server.

$ python wsgiref_app.py 8000
"""

import sys
import time
from wsgiref.simple_server import make_server

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>wsgiref</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'


def clock():
    for _ in range(3):
        yield f"{time.time()}\n".encode()
        time.sleep(0.3)


def site(environ, start_response):
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [PAGE.encode()]
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return clock()
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"Not found\n"]


app = PlaceholderMiddleware(site)

if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
