"""The service this project grew from: /200x300 is a picture of that size that says so.

$ python blog_post.py 8000
"""

import sys
from wsgiref.simple_server import make_server

from wsgi_placeholder import PlaceholderError, render


def app(environ, start_response):
    try:
        picture = render(environ["PATH_INFO"])
    except PlaceholderError as error:
        start_response(
            f"{error.status} {error.code}", [("Content-Type", "text/plain; charset=utf-8")]
        )
        return [str(error).encode()]
    start_response("200 OK", [("Content-Type", picture.media_type)])
    return [picture.body]


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
