"""Faker: image URLs that this site itself answers.

    fake.add_provider(Provider)                        # or Provider(fake, prefix="/ph")
    fake.image_url()                                   # "/placeholder/613x242"
    fake.placeholder_url(600, 400, bg="teal", text=fake.word())

Faker's own services are sites of other people, of which some closed and all see your tests.
"""

from __future__ import annotations

from typing import Any

from faker.providers import BaseProvider

from wsgi_placeholder.config import Config
from wsgi_placeholder.urls import url_for

# Faker draws sides from 0 on, and a picture without a side is none.
_LEAST, _MOST = 16, 1024


class Provider(BaseProvider):
    """Adds `placeholder_url` and takes the place of Faker's `image_url`."""

    def __init__(self, generator: Any, prefix: str = "/placeholder", **options: Any) -> None:
        """`options` are those of the middleware, which may ask for signed URLs."""
        super().__init__(generator)
        self._config = Config.of(prefix=prefix, **options)

    def placeholder_url(
        self, width: int | None = None, height: int | None = None, **parameters: Any
    ) -> str:
        """Return the URL of a picture; a side left out is random, 16 to 1024 pixels.

        `parameters` are those of `wsgi_placeholder.url_for`, which says what it raises.
        """
        return url_for(*self._sides(width, height), config=self._config, **parameters)

    def image_url(
        self,
        width: int | None = None,
        height: int | None = None,
        placeholder_url: str | None = None,
    ) -> str:
        """Return what Faker's `image_url` does, by default a URL of ours."""
        width, height = self._sides(width, height)
        if placeholder_url is None:
            return self.placeholder_url(width, height)
        return placeholder_url.format(width=width, height=height)

    def _sides(self, width: int | None, height: int | None) -> tuple[int, int]:
        return (
            width or self.random_int(_LEAST, _MOST),
            height or self.random_int(_LEAST, _MOST),
        )
