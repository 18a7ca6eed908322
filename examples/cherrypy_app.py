"""CherryPy: the site is grafted with the middleware around it.

Its `wsgi.pipeline` works too, but makes the middleware in the first request, not at start.

$ python cherrypy_app.py 8000
"""

import sys
import time

import cherrypy

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>CherryPy</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'


class Site:
    @cherrypy.expose
    def index(self):
        return PAGE

    @cherrypy.expose
    @cherrypy.config(**{"response.stream": True})
    def stream(self):
        cherrypy.response.headers["Content-Type"] = "text/plain"
        for _ in range(3):
            yield f"{time.time()}\n"
            time.sleep(0.3)


cherrypy.tree.graft(PlaceholderMiddleware(cherrypy.Application(Site(), "")))

if __name__ == "__main__":
    cherrypy.config.update({"server.socket_port": int(sys.argv[1])})
    cherrypy.engine.start()
    cherrypy.engine.signals.subscribe()
    cherrypy.engine.block()
