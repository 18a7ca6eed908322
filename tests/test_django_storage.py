"""The storage for development: a missing picture opens, all else is the wrapped storage's."""

import copy
import os
import pickle
import subprocess
import sys
import textwrap
from io import BytesIO
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage
from django.test import override_settings
from PIL import Image, ImageChops

from wsgi_placeholder import render
from wsgi_placeholder.integrations.django.storage import PlaceholderStorage

FILES = "django.core.files.storage.FileSystemStorage"
CGI = "ignore:'cgi' is deprecated:DeprecationWarning"  # WebOb's, before Python 3.13
PICTURE = render("9x7.png").body


@pytest.fixture(scope="module", autouse=True)
def configured():
    if not settings.configured:
        settings.configure()
    django.setup()


@pytest.fixture
def storage(tmp_path):
    options = {"location": tmp_path, "base_url": "/media/"}
    return PlaceholderStorage({"BACKEND": FILES, "OPTIONS": options})


def size(storage, name):
    with storage.open(name) as file, Image.open(file) as picture:
        return picture.format, picture.size


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photos/cat.jpg", ("JPEG", (600, 400))),
        ("photos/cat-300x200.PNG", ("PNG", (300, 200))),
        ("photos/cat@2x.webp", ("WEBP", (600, 400))),
        ("images/cat.fill-120x80.gif", ("GIF", (120, 80))),
        ("favicon.ico", ("ICO", (32, 32))),
        ("scan.tiff", ("PNG", (600, 400))),
        ("größe 64x64 100%.png", ("PNG", (64, 64))),
    ],
)
def test_a_missing_picture_opens(storage, tmp_path, name, expected):
    assert size(storage, name) == expected
    assert storage.size(name) == len(storage.open(name, "r").read())
    assert storage.open(name).name == name
    assert not storage.exists(name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_svg_is_one(storage):
    assert storage.open("logo-80x40.svg").read().startswith(b"<svg")


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.html", "a.txt"])
def test_other_files_are_missing_as_before(storage, name):
    with pytest.raises(FileNotFoundError):
        storage.open(name)
    with pytest.raises(FileNotFoundError):
        storage.size(name)


def test_times_are_not_known(storage):
    for ask in (storage.get_modified_time, storage.get_created_time, storage.get_accessed_time):
        with pytest.raises(FileNotFoundError):
            ask("a.png")


def test_what_is_there_is_the_wrapped_storages(storage, tmp_path):
    (tmp_path / "a.png").write_bytes(PICTURE)
    assert size(storage, "a.png") == ("PNG", (9, 7))
    assert storage.size("a.png") == len(PICTURE)
    assert storage.exists("a.png")
    assert storage.listdir("") == ([], ["a.png"])
    assert storage.path("a.png") == str(tmp_path / "a.png")
    assert storage.url("a.png") == "/media/a.png"
    assert storage.get_modified_time("a.png") == storage.wrapped.get_modified_time("a.png")
    storage.delete("a.png")
    assert not storage.exists("a.png")


def test_saving_takes_the_name_that_is_free(storage, tmp_path):
    assert storage.save("a.png", ContentFile(PICTURE)) == "a.png"
    other = storage.save("a.png", ContentFile(PICTURE))
    assert other != "a.png"
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", other}
    assert storage.get_available_name("b.png") == "b.png"
    assert storage.is_name_available("b.png")
    assert storage.generate_filename("c d.png") == "c_d.png"
    with storage.open("new.png", "wb") as file:
        file.write(PICTURE)
    assert (tmp_path / "new.png").read_bytes() == PICTURE


def test_a_copy_of_a_missing_file_is_missing(storage, tmp_path):
    file = storage.open("a.png")
    body = file.read()
    for content in (file, File(file), ContentFile(body), BytesIO(body)):
        content.seek(5)
        assert storage.save("b.png", content) == "b.png"
        assert content.tell() == 5
    assert storage.save(None, file) == "a.png"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "b.png").write_bytes(PICTURE)
    assert storage.save("b.png", file) != "b.png"
    assert storage.save("c.png", ContentFile(PICTURE)) == "c.png"
    assert storage.save("d.txt", ContentFile("text")) == "d.txt"
    assert {path.name for path in tmp_path.iterdir()} == {"b.png", "c.png", "d.txt"}


class Lazy(File):
    """Asks for the file when it is read, as Azure's in django-storages."""

    def __init__(self, storage, name):
        super().__init__(None, name)
        self.storage = storage

    def read(self, *args):
        if not self.storage.exists(self.name):
            raise LookupError(f"404 {self.name}")
        self.file = self.file or FileSystemStorage.open(self.storage, self.name)
        return self.file.read(*args)


class LazyStorage(FileSystemStorage):
    def open(self, name, mode="rb"):
        return Lazy(self, name)

    def size(self, name):
        raise LookupError(f"404 {name}")

    get_modified_time = size


class DeadStorage(LazyStorage):
    def exists(self, name):
        raise ConnectionError


@pytest.fixture
def lazy(tmp_path):
    options = {"location": tmp_path, "base_url": "/media/"}
    return PlaceholderStorage({"BACKEND": f"{__name__}.LazyStorage", "OPTIONS": options})


def test_storages_with_errors_of_their_own(lazy, tmp_path):
    assert size(lazy, "a.png") == ("PNG", (600, 400))
    assert lazy.size("a.png") == len(lazy.open("a.png").read())
    with pytest.raises(LookupError):
        lazy.get_modified_time("a.png")  # that no model knows
    (tmp_path / "a.png").write_bytes(PICTURE)
    assert size(lazy, "a.png") == ("PNG", (9, 7))
    with pytest.raises(LookupError):  # of a file that is there
        lazy.size("a.png")
    with pytest.raises(LookupError):
        lazy.open("a.pdf").read()


def test_a_storage_that_does_not_answer(tmp_path):
    options = {"location": tmp_path, "base_url": "/media/"}
    storage = PlaceholderStorage({"BACKEND": f"{__name__}.DeadStorage", "OPTIONS": options})
    with pytest.raises(ConnectionError):
        storage.open("a.png")
    with pytest.raises(LookupError):
        storage.size("a.png")


@pytest.mark.parametrize("mode", ["r", "rb"])
def test_modes(storage, tmp_path, mode):
    (tmp_path / "a.png").write_bytes(PICTURE)
    with storage.open("a.png", mode) as file:
        assert file.mode == mode


def test_storages_in_memory():
    storage = PlaceholderStorage("django.core.files.storage.InMemoryStorage")
    assert size(storage, "a.png") == ("PNG", (600, 400))
    storage.save("a.png", ContentFile(PICTURE))
    assert size(copy.deepcopy(storage), "a.png") == ("PNG", (9, 7))


def test_the_caption_is_the_name(storage):
    """Whose size would be wrong in all that is made of it."""
    assert b"<title>a.svg</title>" in storage.open("photos/a.svg").read()
    with override_settings(WSGI_PLACEHOLDER={"missing_text": "{size}"}):
        other = pickle.loads(pickle.dumps(storage))  # the options are read once
        assert b"<title>600\xc3\x97400</title>" in other.open("a.svg").read()


@pytest.mark.parametrize("size", ["1200x800", "800x1200", "1600x900"])
def test_a_square_from_the_middle_has_all_of_the_caption(storage, size):
    with storage.open(f"olandshvedebrod-{size}.png") as file, Image.open(file) as picture:
        written = ImageChops.invert(picture.convert("L").point(lambda grey: grey // 200 * 255))
    left, top, right, bottom = written.getbbox()
    half = min(picture.size) / 2
    assert right - left > 0.5 * half
    assert left > picture.width / 2 - half
    assert right < picture.width / 2 + half
    assert top > picture.height / 2 - half
    assert bottom < picture.height / 2 + half


def test_all_of_a_storage_is_forwarded():
    public = {name for name in vars(Storage) if name[0] != "_"}
    assert public <= set(vars(PlaceholderStorage))


def test_the_wrapped_storages_own_attributes(storage, tmp_path):
    assert storage.location == str(tmp_path)
    assert storage.base_url == "/media/"
    with pytest.raises(AttributeError):
        storage.bucket  # noqa: B018


def test_copies(storage, tmp_path):
    for _ in range(2):  # before and after the first picture
        for made in (
            copy.copy(storage), copy.deepcopy(storage), pickle.loads(pickle.dumps(storage)),
        ):  # fmt: skip
            assert type(made) is PlaceholderStorage
            assert made.location == str(tmp_path)
            assert size(made, "a.png") == ("PNG", (600, 400))


def test_it_passes_for_the_wrapped_storage(storage):
    """In the tables of libraries that keep the name of its class."""
    assert storage.__class__ is FileSystemStorage
    assert isinstance(storage, PlaceholderStorage)
    assert storage.deconstruct()[0] == FILES


def test_a_dotted_path_and_the_default():
    assert type(PlaceholderStorage(FILES).wrapped) is FileSystemStorage
    assert type(PlaceholderStorage().wrapped) is FileSystemStorage
    with pytest.raises(ImproperlyConfigured, match=r"no\.such"):
        PlaceholderStorage("no.such.Storage")


def test_a_storage_without_urls(tmp_path):
    options = {"location": tmp_path, "base_url": None}
    with override_settings(MEDIA_URL=None):
        storage = PlaceholderStorage({"BACKEND": FILES, "OPTIONS": options})
        assert size(storage, "cat-30x20.png") == ("PNG", (30, 20))


def test_the_options_are_those_of_the_middleware(storage):
    rules = [("^/media/avatars/", "128")]
    with override_settings(WSGI_PLACEHOLDER={"MISSING_SIZES": rules, "missing_text": "gone"}):
        assert size(storage, "avatars/a.png") == ("PNG", (128, 128))
        assert b"<title>gone</title>" in storage.open("avatars/a.svg").read()


def test_a_bad_option_is_named(storage):
    with (
        override_settings(WSGI_PLACEHOLDER={"missing_status": 500}),
        pytest.raises(ImproperlyConfigured, match="missing_status"),
    ):
        storage.open("a.png")


def run(program, tmp_path):
    environ = {
        "SITE": str(tmp_path), "PICTURES": "plain", "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "",
    }  # fmt: skip
    (tmp_path / "recipes.py").write_text(
        "STORAGES['default'] = {'BACKEND':"
        " 'wsgi_placeholder.integrations.django.storage.PlaceholderStorage'}"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", CGI, "-c", textwrap.dedent(program)],
        cwd=Path(__file__).parent / "data" / "django",
        env=os.environ | environ | {"RECIPES": str(tmp_path / "recipes.py")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_models_know_sizes(tmp_path):
    program = r"""
    import asyncio
    import django
    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command
    from django.db import connection, transaction
    from wsgi_placeholder import render
    from wsgi_placeholder.integrations.django import recorded_size
    from wsgi_placeholder.integrations.django.storage import size_in_models

    with transaction.atomic():
        assert size_in_models("photos/cat.jpg") is None  # there is no table yet
        connection.cursor().execute("select 1")
    call_command("migrate", run_syncdb=True, verbosity=0)
    from shop.models import Product, fill
    fill()
    assert size_in_models("photos/cat.jpg") == recorded_size("/media/photos/cat.jpg") == (1200, 900)
    assert recorded_size("/media/photos/dog.jpg") is recorded_size("/media/") is None
    assert size_in_models("photos/\udcff.jpg") is None  # of bytes that are no UTF-8

    rows = Product.objects.iterator(chunk_size=1)
    assert recorded_size("/media/photos/cat.jpg")  # with a connection in use
    assert len(list(rows)) == 1
    with transaction.atomic():
        assert recorded_size("/media/photos/cat.jpg")
        assert Product.objects.exists()
    connection.close()
    assert recorded_size("/media/photos/cat.jpg")
    assert connection.connection is None  # what was opened for it is closed

    product = Product.objects.get()
    photo = product.photo
    assert (photo.width, photo.height) == (1200, 900)
    assert photo.closed
    assert photo.size == len(photo.open().read()) == len(photo.open().read()) > 0
    photo.close()
    assert photo.closed
    with photo.open() as file:
        assert len(file.read()) == photo.size
    assert photo.storage.get_modified_time(photo.name).timestamp() == 0
    assert (product.unmeasured.width, product.unmeasured.height) == (468, 60)
    try:
        product.leaflet.open()
    except FileNotFoundError:
        pass
    else:
        raise AssertionError("a leaflet is no picture")

    async def view():
        return Product(photo="photos/cat.jpg", width=1, height=1).photo.storage.open("a.png")
    assert asyncio.run(view()).read()

    photo.open()
    other = Product(photo=photo.file, width=0, height=0)  # a copy of what is missing
    other.save()
    assert other.photo.name not in (photo.name, "") and not photo.storage.exists(other.photo.name)
    assert (other.width, other.height) == (1200, 900)
    other.delete()

    photo.save("new.png", ContentFile(render("9x7.png").body, "new.png"))
    assert (product.width, product.height) == (9, 7)
    assert photo.storage.exists(photo.name)

    Product.objects.update(photo="odd.png", width=0, height=10**6)
    assert size_in_models("odd.png") is None
    assert Product.objects.get().photo.storage.open("odd.png").read()
    """
    run(program, tmp_path)
