"""A TurboGears site that knows pictures which its depot and its folders lack.

SITE is its folder, with `index.html` and the empty `media`; RECIPES the Python file with what
docs/missing-frameworks.md adds to it; without it the site stands alone.
"""

import functools
import os
import sys
import types
from pathlib import Path

from depot.fields.specialized.image import UploadedImageWithThumb
from depot.manager import DepotManager
from sqlalchemy.orm import Session
from tg import MinimalApplicationConfigurator, TGController, expose
from tg.configurator.components.error_pages import ErrorPagesConfigurationComponent
from tg.configurator.components.statics import StaticsConfigurationComponent

sys.modules.setdefault("magic", types.ModuleType("magic"))  # libmagic, asked at uploads only
from sqlalchemy_media import FileSystemStore, Image, StoreManager  # noqa: E402

SITE = Path(os.environ["SITE"])
MEDIA = SITE / "media"
# What production's database has there.
PHOTO = UploadedImageWithThumb(
    {
        "depot_name": "photos",
        "file_id": "0a0dbf6c-c6bd-11f0-8de9-0242ac120002",
        "path": "photos/0a0dbf6c-c6bd-11f0-8de9-0242ac120002",
        "thumb_id": "0a0dbf6c-c6bd-11f0-8de9-0242ac120003",
        "thumb_path": "photos/0a0dbf6c-c6bd-11f0-8de9-0242ac120003",
        "filename": "cat.jpg",
        "_public_url": None,
        "_thumb_public_url": None,
    }
)
ATTACHED = {
    "key": "0b8e3bd1-1111-4222-8333-444455556666",
    "extension": ".jpg",
    "content_type": "image/jpeg",
    "timestamp": 1,
    "width": 1200,
    "height": 900,
}


class ErrorController(TGController):
    @expose(content_type="text/html")
    def document(self):
        return "<!doctype html><h1>Nothing here</h1>"


class RootController(TGController):
    error = ErrorController()

    @expose(content_type="text/html")
    def index(self):
        return (SITE / "index.html").read_text("utf-8")

    @expose(content_type="text/html")
    def plain(self):
        return '<!doctype html><img src="/img/cat-300x200.jpg">'

    @expose(content_type="text/html")
    def filedepot(self):
        return (
            f'<!doctype html><img src="{PHOTO.url}">'
            f'<img src="{PHOTO.thumb_url}" width="128" height="96">'
        )

    @expose(content_type="text/html")
    def opened(self):
        return PHOTO.file.filename

    @expose(content_type="text/html")
    def attached(self):
        with StoreManager(Session()):
            image = Image(ATTACHED)
            return f'<!doctype html><img src="{image.locate()}" width="{image.width}" height="900">'

    @expose(content_type="text/html")
    def thumbnail(self):
        with StoreManager(Session()):
            small = Image(ATTACHED).get_thumbnail(width=210, auto_generate=True)
            return f'<!doctype html><img src="{small.locate()}" width="{small.width}">'


DepotManager.configure("photos", {"depot.storage_path": str(MEDIA)})
config = MinimalApplicationConfigurator()
config.register(StaticsConfigurationComponent)
config.register(ErrorPagesConfigurationComponent)
config.update_blueprint({"root_controller": RootController(), "serve_static": True})
config.update_blueprint({"paths": {"static_files": str(SITE)}})

if "RECIPES" in os.environ:
    exec(Path(os.environ["RECIPES"]).read_text("utf-8"))
else:
    app = config.make_wsgi_app()
    app = DepotManager.make_middleware(app)
    PlaceholderStore = FileSystemStore

store = functools.partial(PlaceholderStore, str(MEDIA), "/media/")
StoreManager.register("files", store, default=True)
