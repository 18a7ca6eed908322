"""TurboGears 2 on waitress.

$ waitress-serve --listen=127.0.0.1:8000 turbogears_app:app
"""

import time

from tg import MinimalApplicationConfigurator, TGController, expose

from wsgi_placeholder import PlaceholderMiddleware

PAGE = '<h1>TurboGears</h1>\n<img src="/placeholder/600x400?text=Hero" alt="Hero">\n'


class RootController(TGController):
    @expose(content_type="text/html")
    def index(self):
        return PAGE

    @expose(content_type="text/plain")
    def stream(self):
        for _ in range(3):
            yield f"{time.time()}\n".encode()
            time.sleep(0.3)


config = MinimalApplicationConfigurator()
config.update_blueprint({"root_controller": RootController()})

app = PlaceholderMiddleware(config.make_wsgi_app())
