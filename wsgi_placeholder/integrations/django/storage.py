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

import functools
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.files.storage.handler import StorageHandler
from django.db import DatabaseError, router, transaction
from django.db.models import FileField

from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.integrations.django import with_options
from wsgi_placeholder.missing import Guess
from wsgi_placeholder.missing.sizes import MOST_SIDE
from wsgi_placeholder.rendering import Renderer
from wsgi_placeholder.substitutes import Substitutes

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE_SYSTEM = "django.core.files.storage.FileSystemStorage"
# django-filer's, which are no options of its field.
_FIELDS = ("_width", "_height")


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

    def __getattr__(self, name: str) -> Any:
        """What only some storages have, such as `location` and `base_url`."""
        if name == "wrapped":  # a copy in the making has nothing yet
            raise AttributeError(name)
        return getattr(self.wrapped, name)

    def open(self, name: str, mode: str = "rb") -> Any:
        """Return the file, or a placeholder if it is a picture that is to be read.

        Raises FileNotFoundError for other files that are not there.
        """
        try:
            return self.wrapped.open(name, mode)
        except FileNotFoundError:
            body = self._picture(name) if mode in ("r", "rb") else None
            if body is None:
                raise
            return _Placeholder(body, name)

    def size(self, name: str) -> int:
        try:
            return int(self.wrapped.size(name))
        except FileNotFoundError:
            body = self._picture(name)
            if body is None:
                raise
            return len(body)

    def get_modified_time(self, name: str) -> datetime:
        """Return 1970 for a missing picture of a model's: older than all thumbnails of it.

        Of others it cannot be said whether they are missing or not made yet. Raises
        FileNotFoundError for them.
        """
        try:
            changed: datetime = self.wrapped.get_modified_time(name)
        except FileNotFoundError:
            if self._picture(name) is None or not _is_in_models(name):
                raise
            return datetime.fromtimestamp(0, UTC if settings.USE_TZ else None)
        return changed

    def _picture(self, name: str) -> bytes | None:
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
        return Substitutes(config, Renderer(config))


def _forwarded(name: str) -> Any:
    def method(self: PlaceholderStorage, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.wrapped, name)(*args, **kwargs)

    method.__name__ = name
    return method


# What Storage has a method for, __getattr__ is not asked for.
for _name in {name for name in vars(Storage) if name[0] != "_"} - set(vars(PlaceholderStorage)):
    setattr(PlaceholderStorage, _name, _forwarded(_name))


def size_in_models(name: str) -> tuple[int, int] | None:
    """Return the width and height that a model keeps for its file of this name, if one does."""
    for model, field, sides in _recorded():
        row = _first(model, field, name, sides)
        if row and all(side and 1 <= side <= MOST_SIDE for side in row):
            return round(row[0]), round(row[1])
    return None


def _is_in_models(name: str) -> bool:
    return any(
        _first(model, field, name, ("pk",))
        for model in apps.get_models()
        for field in _files(model)
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
