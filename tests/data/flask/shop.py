"""A Flask site that knows pictures which its folders lack.

SITE is its folder, with `index.html` and the empty `media`; RECIPES the Python file with what
docs/missing-frameworks.md adds to it; without it the site stands alone.
"""

import os
from pathlib import Path

from flask import (
    Flask,
    abort,
    make_response,
    render_template_string,
    send_file,
    send_from_directory,
)
from flask_admin import Admin, BaseView, expose
from flask_admin.form import BaseForm, ImageUploadField
from flask_resize import Resize
from flask_thumbnails import Thumbnail
from flask_uploads import IMAGES, UploadSet, configure_uploads

SITE = Path(os.environ["SITE"])
MEDIA = SITE / "media"
INDEX = """<!doctype html><title>App</title><h1>All URLs are mine</h1>"""

app = Flask(__name__)
app.secret_key = "x"
app.config |= {
    "UPLOADED_PHOTOS_DEST": str(MEDIA),
    "UPLOADS_AUTOSERVE": True,
    "THUMBNAIL_MEDIA_ROOT": str(MEDIA),
    "THUMBNAIL_MEDIA_URL": "/media/",
    "THUMBNAIL_MEDIA_THUMBNAIL_ROOT": str(MEDIA),
    "THUMBNAIL_MEDIA_THUMBNAIL_URL": "/media/",
    "RESIZE_ROOT": str(MEDIA),
    "RESIZE_URL": "/media/",
}
photos = UploadSet("photos", IMAGES)
configure_uploads(app, photos)
Thumbnail(app)
Resize(app)


@app.errorhandler(404)
def not_found(error):
    """What people are shown."""
    answer = make_response("<!doctype html><title>Nothing</title><h1>Nothing here</h1>", 404)
    answer.set_cookie("seen", "404")
    return answer


@app.get("/")
def index():
    return send_file(SITE / "index.html")


@app.get("/media/<path:name>")
def media(name):
    return send_from_directory(MEDIA, name)


@app.get("/sent/<name>")
def sent(name):
    return send_file(MEDIA / name)


@app.get("/aborted/<name>")
def aborted(name):
    abort(404)


TEMPLATES = {
    "plain": """
        <img src="{{ url_for('media', name='photos/cat-300x200.jpg') }}">
        <img src="{{ url_for('static', filename='img/logo.png', v=7) }}" width="120" height="40">
        <img src="{{ url_for('aborted', name='dog.webp') }}" style="width: 90px; height: 60px">
        <img src="{{ url_for('media', name='hero.jpg') }}"
          srcset="{{ url_for('media', name='hero@2x.jpg') }} 2x" width="400" height="100">""",
    "sent": """<img src="{{ url_for('sent', name='cat-150x100.gif') }}">""",
    "app": """<img src="/app/img/cat-70x50.png">""",
}


@app.get("/<name>")
def page(name):
    template = TEMPLATES.get(name) or (SITE / f"{name}.html").read_text("utf-8")
    return f"<!doctype html><title>{name}</title>" + render_template_string(template, photos=photos)


class Form(BaseForm):
    photo = ImageUploadField(base_path=str(MEDIA), thumbnail_size=(100, 80, True))


class Product:
    photo = "cat.jpg"


class Products(BaseView):
    @expose("/")
    def index(self):
        return render_template_string("<!doctype html>{{ form.photo }}", form=Form(obj=Product()))


Admin(app).add_view(Products(endpoint="products"))
bare = app.wsgi_app

if "RECIPES" in os.environ:
    for recipe in Path(os.environ["RECIPES"]).read_text("utf-8").split("# app.py\n")[1:]:
        if "PlaceholderMiddleware(" in recipe:
            app.wsgi_app = bare  # the same line with more options
        exec(recipe)
else:

    @app.get("/app/<path:path>")
    def single_page(path):
        return INDEX
