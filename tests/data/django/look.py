"""Fill the database, visit the pages, and say as JSON what is on them and in the media folder.

Then the folder is emptied and the pages are visited again, as with a copy of a database that knows
of thumbnails.
"""

import io
import json
import os
import re
import shutil
import sys

import wsgi
from django.conf import settings
from django.core.management import call_command
from PIL import Image
from webtest import TestApp


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    call_command("migrate", run_syncdb=True, verbosity=0)
    from shop.models import fill

    fill()
    if sys.argv[1:] == ["fill"]:
        return
    app = TestApp(wsgi.application)
    said = {"pages": {name: look(app, name) for name in settings.PICTURES}}
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    said["files"] = sorted(path.relative_to(settings.MEDIA_ROOT).as_posix() for path in files)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    said["again"] = {name: look(app, name) for name in settings.PICTURES}
    if "filer" in settings.PICTURES and "RECIPES" in os.environ:
        from filer.settings import FILER_PRIVATEMEDIA_STORAGE

        said["private"] = Image.open(FILER_PRIVATEMEDIA_STORAGE.open("a/cat-40x30.jpg")).size
    json.dump(said, sys.stdout)


def look(app, name):
    """Return [path, rule, width and height of the file, and of the tag] for each picture."""
    page = app.get(f"/{name}", expect_errors=True)
    found = []
    for tag in re.findall("<img [^>]*>", page.text):
        told = dict(re.findall('(src|width|height)="([^"]*)"', tag))
        answer = app.get(told["src"], headers={"Sec-Fetch-Dest": "image"}, expect_errors=True)
        size = None
        if answer.content_type.startswith("image/"):
            size = Image.open(io.BytesIO(answer.body)).size
        rule = answer.headers.get("X-Placeholder")
        found.append([told["src"], rule, size, [told.get("width"), told.get("height")]])
    return found


main()
