"""TurboGears 2: pictures that another system holds, changed and sent without a file on disk.

$ waitress-serve --listen=127.0.0.1:8000 mailing_list:app
"""

from tg import MinimalApplicationConfigurator, TGController, abort, expose

from wsgi_placeholder import render
from wsgi_placeholder.memory import image_response, open_image, thumbnail, watermark


def fetch(name: str) -> bytes:
    """Stands for the other system, an image archive or a database: a JPEG as a byte string."""
    if name != "portrait":
        raise KeyError(name)
    return render("640x480/tomato/gold.jpg?text=Portrait").body


class RootController(TGController):
    @expose()
    def index(self):
        return '<img src="/original/portrait"> <img src="/small/portrait">'

    @expose()
    def original(self, name):
        try:
            return image_response(fetch(name))  # bytes: sent as they are
        except KeyError:
            return abort(404)

    @expose()
    def small(self, name):
        try:
            image = open_image(fetch(name), formats=["JPEG"])
        except KeyError:  # nothing there: a placeholder, in the same size
            return image_response(render("160x120?text=No portrait yet").body)
        except ValueError as error:  # damaged, too many pixels, no JPEG
            return abort(422, str(error))
        image = watermark(thumbnail(image, (160, 120)), "© The archive")
        return image_response(image, "jpeg", quality=85, filename=f"{name}.jpg")


config = MinimalApplicationConfigurator()
config.update_blueprint({"root_controller": RootController()})
app = config.make_wsgi_app()
