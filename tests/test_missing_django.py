"""Django's thumbnail libraries with a database and no media, as docs/missing-django.md says."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import framed
import pytest
from serving import HOST, serve

PROJECT = Path(__file__).parent / "data" / "django"
PAGE = (Path(__file__).parents[1] / "docs" / "missing-django.md").read_text("utf-8")
# The sizes of the pictures that the page shows, of an original of 1200×900.
SHOWN = {
    "plain": [[1200, 900]],
    "easy": [[300, 225], [150, 150]],
    "sorl": [[300, 225]],
    "imagekit": [[200, 150]],
    "filer": [[300, 225]],
    "wagtail": [[300, 225], [120, 80]],
}
# With its database and without its files. imagekit remembers in a cache, and no size.
AGAIN = SHOWN | {"imagekit": [[600, 400]]}
HEADINGS = {
    "plain": "ImageField",
    "easy": "easy-thumbnails",
    "sorl": "sorl-thumbnail",
    "imagekit": "django-imagekit",
    "filer": "django-filer",
    "wagtail": "Wagtail",
}
ORIGINALS = {"photos/cat.jpg", "filer_public/ab/cat.jpg", "original_images/cat.jpg"}


def environment(site, names, *, recipes):
    """Write what the page shows into the folder of the site; return the environment to run it."""
    for name, heading in HEADINGS.items():
        section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        template = re.search(r"```django\n(.*?)```", section, re.DOTALL)[1]
        (site / f"{name}.html").write_text(template, "utf-8")
    settings = re.findall(r"```python\n(# settings\.py.*?)```", PAGE, re.DOTALL)
    (site / "recipes.py").write_text("\n".join(settings), "utf-8")
    added = {
        "SITE": str(site),
        "PICTURES": " ".join(names),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return added | ({"RECIPES": str(site / "recipes.py")} if recipes else {})


def run(site, names, *arguments, recipes=True, **variables):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=PROJECT,
        env=os.environ | environment(site, names, recipes=recipes) | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def work(site, name, program, **variables):
    """Run a program in the project with a library, whose database knows a picture."""
    run(site, [name], "look.py", "fill")
    given = """
    import wsgi
    from pathlib import Path
    from django.conf import settings
    from django.core.management import call_command
    from shop.models import Product

    def files():
        found = (path for path in settings.SITE.rglob("*") if path.is_file())
        return [path.name for path in found if path.parent != settings.SITE]
    """
    text = textwrap.dedent(given) + textwrap.dedent(program)
    return run(site, [name], "-c", text, **variables)


@pytest.mark.parametrize("name", SHOWN)
def test_library(name, tmp_path):
    said = json.loads(run(tmp_path, [name], "look.py"))
    for visit, expected in (("pages", SHOWN), ("again", AGAIN)):
        pictures = said[visit][name]
        assert [size for _, _, size, _ in pictures] == expected[name], visit
        for _, _, size, told in pictures:
            assert told in ([None, None], [str(side) for side in size])
    assert ORIGINALS.isdisjoint(said["files"])
    assert len(said["files"]) == (0 if name == "plain" else len(SHOWN[name]))
    if name == "filer":
        assert said["private"] == [40, 30]


def test_in_a_transaction(tmp_path):
    """Whose connection is in use while pictures are made."""
    said = json.loads(run(tmp_path, SHOWN, "look.py", ATOMIC_REQUESTS="1"))
    for visit, expected in (("pages", SHOWN), ("again", AGAIN)):
        sizes = {name: [size for _, _, size, _ in said[visit][name]] for name in SHOWN}
        assert sizes == expected, visit


def test_a_new_project(tmp_path):
    """Takes the settings of the page as they are."""
    subprocess.run([sys.executable, "-m", "django", "startproject", "mysite", tmp_path], check=True)
    settings = tmp_path / "mysite" / "settings.py"
    recipe = re.search(r"```python\n(# settings\.py.*?)```", PAGE, re.DOTALL)[1]
    settings.rename(tmp_path / "plain.py")
    own = f"from plain import *\nINSTALLED_APPS += ['shop']\nPICTURES = []\n{recipe}"
    (tmp_path / "own.py").write_text(own, "utf-8")
    shop = tmp_path / "shop"
    shutil.copytree(PROJECT / "shop", shop, ignore=shutil.ignore_patterns("__pycache__"))
    program = """
    import django
    django.setup()
    from django.core.management import call_command
    call_command("check", fail_level="WARNING")
    call_command("migrate", run_syncdb=True, verbosity=0)
    from shop.models import Product, fill
    fill()
    photo = Product.objects.get().photo
    assert photo.size == len(photo.open().read()) > 0
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "own"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_easy_thumbnails_rows(tmp_path):
    """Those of production are found, and cleaned up by its own command."""
    program = """
    from django.core.files.storage import FileSystemStorage, storages
    from easy_thumbnails.files import get_thumbnailer
    from easy_thumbnails.models import Source, Thumbnail
    from easy_thumbnails.utils import get_storage_hash

    assert get_storage_hash(storages["default"]) == get_storage_hash(FileSystemStorage())
    thumbnailer = get_thumbnailer(Product.objects.get().photo)
    thumbnailer.get_thumbnail({"size": (300, 300)})
    assert (len(files()), Source.objects.count(), Thumbnail.objects.count()) == (1, 1, 1)
    call_command("thumbnail_cleanup", verbosity=0)
    assert (files(), Source.objects.count(), Thumbnail.objects.count()) == ([], 0, 0)
    """
    work(tmp_path, "easy", program)


def test_sorls_files(tmp_path):
    program = """
    from sorl.thumbnail import get_thumbnail

    assert get_thumbnail(Product.objects.get().photo, "300").size == [300, 225]
    assert len(files()) == 1
    call_command("thumbnail", "clear_delete_all")
    assert files() == []
    """
    work(tmp_path, "sorl", program)


def test_imagekits_optimistic_strategy(tmp_path):
    program = """
    def size():
        small = Product.objects.get().small
        return small.width, small.height

    assert size() == (600, 400)
    call_command("generateimages", verbosity=0)
    assert size() == (200, 150)
    """
    work(tmp_path, "imagekit", program, STRATEGY="Optimistic")


def test_filers_files(tmp_path):
    program = """
    from easy_thumbnails.models import Thumbnail
    from filer.models import Image
    from webtest import TestApp

    image = Image.objects.get()
    image.file.get_thumbnail({"size": (300, 300)})
    assert len(files()) == Thumbnail.objects.count() == 1
    call_command("thumbnail_cleanup", verbosity=0)
    assert len(files()) == Thumbnail.objects.count() == 0

    image = Image.objects.get()
    image.file.get_thumbnail({"size": (300, 300)})
    image.is_public = False
    image.save()  # moves the file
    assert files() == [], files()
    image = Image.objects.get()
    assert (image.width, image.height, image.size, image.sha1) == (1200, 900, 9, "0" * 40)
    answer = TestApp(wsgi.application).get(image.url, headers={"Sec-Fetch-Dest": "image"})
    print(image.url, answer.headers["X-Placeholder"])
    assert len(image.file.open().read()) > 0

    Image.objects.update(_file_size=None)
    assert Image.objects.get()._file_size is None
    """
    said = work(tmp_path, "filer", program)
    url, _, rule = said.splitlines()[-1].partition(" ")
    assert url.startswith("/smedia/filer_private/")
    assert rule == "missing; rule=rule; size=1200x900"


def test_wagtail_at_work(tmp_path):
    """Its command, a loop over the table, a transaction, and what it would store of the file."""
    program = """
    import contextlib
    import io
    from django.db import transaction
    from wagtail.images.models import Image, SourceImageIOError

    image = Image.objects.get()
    for n in range(12):
        image.pk = None
        image.save()
    for each in Image.objects.iterator(chunk_size=5):
        assert each.get_rendition("fill-111x111").width == 111
    assert len(files()) == 13
    with transaction.atomic():
        image.renditions.all().delete()
        assert image.get_rendition("width-100").height == 75
    update = "wagtail_update_image_renditions"
    call_command(update, stdout=io.StringIO())
    assert image.renditions.count() == 1
    call_command(update, purge_only=True, stdout=io.StringIO())
    assert image.renditions.count() == 0 and files() == []

    Image.objects.update(file_size=None)
    image = Image.objects.first()
    with contextlib.suppress(SourceImageIOError):
        image.get_file_size()
    assert Image.objects.first().file_size is None
    assert image.file.open().read()

    copy = Image(title="Copy", file=image.file.file)
    copy.save()
    assert copy.file.name != image.file.name
    assert (copy.width, copy.height) == (1200, 900)
    assert copy.get_rendition("width-100").height == 75
    assert len(files()) == 1
    """
    work(tmp_path, "wagtail", program)


def test_without_us_no_library_shows_a_picture(tmp_path):
    said = json.loads(run(tmp_path, SHOWN, "look.py", recipes=False))
    assert [size for page in said["pages"].values() for _, _, size, _ in page] == [None] * 5
    assert said["pages"]["wagtail"][0][0] == "/media/not-found"
    assert said["files"] == []


def test_the_middleware_answers_wagtails_not_found(tmp_path):
    """Without the storage, at the cost of its size, 0×0."""
    run(tmp_path, ["wagtail"], "-c", "pass")
    recipes = tmp_path / "recipes.py"
    only = recipes.read_text("utf-8").partition("STORAGES")[0]
    program = f"import pathlib; pathlib.Path({str(recipes)!r}).write_text({only!r}); import look"
    [[source, rule, size, told], _] = json.loads(run(tmp_path, ["wagtail"], "-c", program))[
        "pages"
    ]["wagtail"]
    assert (source, told) == ("/media/not-found", ["0", "0"])
    assert (rule, size) == ("missing; rule=default; size=600x400", [600, 400])


@pytest.mark.parametrize("recipes", [True, False], ids=["with us", "without"])
def test_in_a_browser(recipes, tmp_path, monkeypatch):
    run(tmp_path, SHOWN, "look.py", "fill", recipes=recipes)
    index = framed.index(f"/{name}" for name in SHOWN)
    (tmp_path / "index.html").write_text(index, "utf-8")
    for name, value in environment(tmp_path, SHOWN, recipes=recipes).items():
        monkeypatch.setenv(name, value)
    command = "gunicorn --no-control-socket --threads 8 --bind 127.0.0.1:8000 wsgi:application"
    with serve(command, PROJECT) as port:
        found = framed.pictures(f"http://{HOST}:{port}/")
    if recipes:
        assert found == {f"/{name}": [[size, size] for size in SHOWN[name]] for name in SHOWN}
    else:
        # Three pages fail or show no picture at all; five pictures are broken.
        assert {name: len(pictures) for name, pictures in found.items()} == {
            "/plain": 0, "/easy": 2, "/sorl": 0, "/imagekit": 0, "/filer": 1, "/wagtail": 2,
        }  # fmt: skip
        assert {tuple(size) for page in found.values() for size, _ in page} == {(0, 0)}
