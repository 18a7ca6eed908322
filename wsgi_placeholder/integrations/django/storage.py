"""A storage for development, in which every picture can be opened, whether it is there or not.

    STORAGES = {
        "default": {
            "BACKEND": "wsgi_placeholder.integrations.django.storage.PlaceholderStorage",
            "OPTIONS": {"storage": {"BACKEND": "...", "OPTIONS": {...}}},
        },
        ...
    }

Thumbnail libraries open the original before they give a URL, and a 404 comes too late for them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import mimetypes
import posixpath
from collections import deque
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.core.files.storage.handler import StorageHandler
from django.db import DatabaseError, router, transaction
from django.db.models import FileField

from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.integrations.django import recorded_size, with_options
from wsgi_placeholder.missing import Guess
from wsgi_placeholder.missing.sizes import MOST_SIDE
from wsgi_placeholder.rendering import Renderer
from wsgi_placeholder.substitutes import Substitutes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsgi_placeholder.rendering import Rendition
    from wsgi_placeholder.spec import Spec

_FILE_SYSTEM = "django.core.files.storage.FileSystemStorage"
# django-filer's, which are no options of its field.
_FIELDS = ("_width", "_height")
# Wagtail's and filer's, for the bytes of the file.
_WEIGHTS = ("file_size", "_file_size")
# Hashes of the placeholders that were opened last.
_OPENED: deque[int] = deque(maxlen=2000)
_LARGEST = 4_000_000  # bytes; no placeholder has more
# No size: the picture is cut and scaled before anybody sees it.
_CAPTION = "{name}"


class _Placeholder(ContentFile):  # type: ignore[misc]
    """Closed and opened again like a file on disk, of which ContentFile does neither."""

    def __init__(self, body: bytes, name: str) -> None:
        super().__init__(body, name)
        self._body = body

    def open(self, mode: str | None = None) -> _Placeholder:
        if self.closed:
            self.file = BytesIO(self._body)
        self.seek(0)
        return self

    def close(self) -> None:
        self.file.close()


class _Originals(Renderer):
    """Draws captions so small that thumbnails keep them, square ones cut from the middle too."""

    def render(self, spec: Spec) -> Rendition:
        short = min(spec.width, spec.height)
        cut = (spec.width - 0.8 * spec.height) / 2
        return super().render(spec.replace(padding=min(max(cut, 0.15 * short), 0.4 * short)))


class PlaceholderStorage(Storage):  # type: ignore[misc]
    """Wraps a storage: a picture that it does not have opens as a placeholder made in memory.

    `storage` is a dotted path or a dict with BACKEND and OPTIONS as in STORAGES, by default
    Django's FileSystemStorage. The placeholder has the size that a model has recorded for the file,
    or else that which the name tells. Nothing is written for it, and `exists` says that it is not
    there. All else is the wrapped storage's, what is saved too. The options of pictures are those
    of the setting WSGI_PLACEHOLDER.
    """

    def __init__(self, storage: str | dict[str, Any] = _FILE_SYSTEM) -> None:
        given = {"BACKEND": storage} if isinstance(storage, str) else storage
        self.wrapped: Any = StorageHandler({}).create_storage(given)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The wrapped storage's: by it easy-thumbnails and sorl find their rows in the database."""
        return type(self.wrapped)

    def __reduce__(self) -> Any:
        return object.__new__, (type(self),), {"wrapped": self.wrapped}

    def __getattr__(self, name: str) -> Any:
        """What only some storages have, such as `location` and `base_url`."""
        if name == "wrapped" or name.startswith("__"):  # a copy in the making has nothing yet
            raise AttributeError(name)
        return getattr(self.wrapped, name)

    def open(self, name: str, mode: str = "rb") -> Any:
        """Return the file, or a placeholder if it is a picture that is to be read.

        Raises what the wrapped storage does for other files that are not there.
        """
        try:
            file = self.wrapped.open(name, mode)
            if mode == "rb" and str(mimetypes.guess_type(name)[0]).startswith("image/"):
                file.read(1)  # some storages ask for the file only now
                file.seek(0)
            return file
        except Exception as error:
            body = self._instead(name, error) if mode in ("r", "rb") else None
            if body is None:
                raise
            if hash(body) not in _OPENED:
                _OPENED.append(hash(body))
            return _Placeholder(body, name)

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Save what is no placeholder; return the name that it has got.

        A copy of a missing file is missing too: of a placeholder nothing but the name is taken.
        """
        if not _is_opened(content):
            return str(self.wrapped.save(name, content, max_length=max_length))
        name = str(name or content.name)
        if _is_in_models(name):  # of which the wrapped storage sees nothing
            folder, file = posixpath.split(name)
            file = self.wrapped.get_alternative_name(*posixpath.splitext(file))
            name = posixpath.join(folder, file)
        return str(self.wrapped.get_available_name(name, max_length=max_length))

    def size(self, name: str) -> int:
        """Return the bytes of the file, or of the placeholder.

        Raises what the wrapped storage does if a model has a field for them, and nothing in it:
        Wagtail and filer know how to go on then, and would put in what is not so.
        """
        try:
            return int(self.wrapped.size(name))
        except Exception as error:
            body = self._instead(name, error)
            if body is None or _is_unweighed(name):
                raise
            return len(body)

    def get_modified_time(self, name: str) -> datetime:
        """Return 1970 for a missing picture of a model's: older than all thumbnails of it.

        Of others it cannot be said whether they are missing or not made yet. Raises what the
        wrapped storage does for them.
        """
        try:
            changed: datetime = self.wrapped.get_modified_time(name)
        except Exception as error:
            if self._instead(name, error) is None or not _is_in_models(name):
                raise
            return datetime.fromtimestamp(0, UTC if settings.USE_TZ else None)
        return changed

    def _instead(self, name: str, error: Exception) -> bytes | None:
        """Return the picture for a file that could not be had, None if it is there, or none."""
        if not isinstance(error, FileNotFoundError):  # a storage that has exceptions of its own
            try:
                if self.wrapped.exists(name):
                    return None
            except Exception:  # it cannot be asked at all
                return None
        try:
            path = unquote(urlsplit(self.url(name)).path)
        except (NotImplementedError, ValueError):  # a storage whose files have no URLs
            path = f"/{name}"
        try:
            sides = size_in_models(name)
            made = self._substitutes.picture(path, Guess(*sides, "model") if sides else None)
        except PlaceholderError:  # too busy for it now
            return None
        return made.body if made else None

    @functools.cached_property
    def _substitutes(self) -> Substitutes:  # at the first use: settings may not be complete before
        config = with_options(Config.of)
        if config.missing_text == Config().missing_text:
            config = dataclasses.replace(config, missing_text=_CAPTION)
        # Models are asked by name here, which is surer than by URL.
        rules = tuple(rule for rule in config.missing_sizes if rule[1] is not recorded_size)
        config = dataclasses.replace(config, missing_sizes=rules)
        return Substitutes(config, _Originals(config))


def _forwarded(name: str) -> Any:
    def method(self: PlaceholderStorage, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.wrapped, name)(*args, **kwargs)

    method.__name__ = name
    return method


# What Storage has a method for, __getattr__ is not asked for.
for _name in {name for name in vars(Storage) if name[0] != "_"} - set(vars(PlaceholderStorage)):
    setattr(PlaceholderStorage, _name, _forwarded(_name))


def _is_opened(content: Any) -> bool:
    """True for the bytes of a placeholder, on their way to another name."""
    with contextlib.suppress(AttributeError, OSError, TypeError, ValueError):
        if File(content).size <= _LARGEST:
            start = content.tell()
            content.seek(0)
            body = content.read()
            content.seek(start)
            return isinstance(body, bytes) and hash(body) in _OPENED
    return False


def size_in_models(name: str) -> tuple[int, int] | None:
    """Return the width and height that a model keeps for its file of this name, if one does."""
    for model, field, sides in _recorded():
        row = _first(model, field, name, sides)
        if row and all(side and 1 <= side <= MOST_SIDE for side in row):
            return round(row[0]), round(row[1])
    return None


def base_urls() -> set[str]:
    """Return the paths that the URLs of models' files begin with."""
    bases = {settings.MEDIA_URL}
    for model in apps.get_models():
        for name in _files(model):
            field = model._meta.get_field(name)
            # filer's field has one for public and one for private files
            for storage in getattr(field, "storages", {"": field.storage}).values():
                bases.add(getattr(storage, "base_url", None))
    return {urlsplit(str(base)).path for base in bases if base}


def _is_in_models(name: str) -> bool:
    return any(
        _first(model, field, name, ("pk",))
        for model in apps.get_models()
        for field in _files(model)
    )


def _is_unweighed(name: str) -> bool:
    return any(
        _first(model, field, name, (weight.name,)) == (None,)
        for model in apps.get_models()
        for field in _files(model)
        for weight in model._meta.concrete_fields
        if weight.name in _WEIGHTS
    )


def _recorded() -> Iterator[tuple[Any, str, tuple[str, str]]]:
    """Yield models, names of their file fields, and those of the fields with width and height."""
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        for name in _files(model):
            field = fields[name]
            told = getattr(field, "width_field", ""), getattr(field, "height_field", "")
            for pair in (told, _FIELDS):
                if fields.keys() >= set(pair):
                    yield model, name, pair


def _files(model: Any) -> list[str]:
    fields = () if model._meta.proxy else model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, FileField)]


def _first(model: Any, field: str, name: str, wanted: tuple[str, ...]) -> Any:
    """Return these fields of the first row whose file has this name, None if there is none."""
    database = router.db_for_read(model)
    try:
        with transaction.atomic(using=database):  # an error ends no transaction of the app
            rows = model._base_manager.using(database).filter(**{field: name})
            return rows.values_list(*wanted).first()
    except (DatabaseError, SynchronousOnlyOperation, ValueError):
        return None  # no table yet; an asynchronous view; a name that no database can hold
