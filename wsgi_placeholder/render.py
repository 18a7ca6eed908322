"""From a Spec to a file: the only place where style, format and cache meet."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import PIL
import uharfbuzz
from PIL import features

from wsgi_placeholder import dialects, formats, registry
from wsgi_placeholder.cache.memory import MemoryCache
from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.version import __version__

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.fonts import Fonts

# What a key, a Rendition and the cache's own bookkeeping weigh beside the bytes of the file.
_OVERHEAD = 1500


@dataclass(frozen=True, slots=True)
class Rendition:
    """A finished file. `missing` holds the characters of the text that no installed font has."""

    body: bytes
    media_type: str
    format: str
    missing: str = ""


class Renderer:
    """Renders Specs under one configuration, each once."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.fonts: Fonts = config.loaded_fonts
        self._cache: MemoryCache[Rendition] = MemoryCache(
            config.cache_bytes, lambda rendition: len(rendition.body) + _OVERHEAD
        )
        self._fingerprint = _codecs() + self.fonts.fingerprint
        warm_up(self)

    def render(self, spec: Spec) -> Rendition:
        """Return the file of `spec`, from the cache or drawn now."""
        return self._cache.get_or_make(spec.key, lambda: self._draw(spec))

    def _draw(self, spec: Spec) -> Rendition:
        format = formats.installed()[spec.format]
        scene = registry.load("styles", spec.style)(spec, self.fonts)
        body = format.encode(scene, spec.quality)
        return Rendition(body, format.media_type, format.name, scene.missing)

    def etag(self, spec: Spec) -> str:
        """Return the strong validator of the picture, quotes included, without drawing it."""
        digest = hashlib.blake2b(spec.key.encode(), digest_size=12, key=self._fingerprint)
        return f'"{digest.hexdigest()}"'


def warm_up(renderer: Renderer) -> None:
    """Load what the first request would otherwise pay for: codecs, plug-ins, the default face."""
    config = renderer.config
    for name in registry.names("styles"):
        registry.load("styles", name)
    for name in formats.installed():
        spec = Spec.of(4, 4, format=name, font=config.font, weight=config.weight)
        renderer._draw(spec)
    renderer.fonts.face(config.font, config.weight)


@functools.cache
def _codecs() -> bytes:
    """What changes the bytes of a picture beside its Spec and the fonts: every version."""
    versions = [__version__, PIL.__version__, uharfbuzz.version_string()]
    versions += [str(features.version(codec)) for codec in ("jpg", "webp", "avif", "zlib")]
    return hashlib.blake2b("|".join(versions).encode(), digest_size=8).digest()


@functools.lru_cache(maxsize=8)
def _renderer(options: tuple[tuple[str, Any], ...]) -> Renderer:
    return Renderer(Config.of(**dict(options)))


def render(picture: Spec | str, **options: Any) -> Rendition:
    """Draw a picture without HTTP: a Spec, or a native URL such as "600x400?text=Hero".

    A URL may begin with the prefix. `options` are those of `PlaceholderMiddleware`; what is drawn
    is kept in a cache for each set of options. Raises PlaceholderError for a wrong URL.
    """
    renderer = _renderer(tuple(sorted((k, _hashable(v)) for k, v in options.items())))
    if isinstance(picture, Spec):
        return renderer.render(picture)
    path, _, query = picture.partition("?")
    path = "/" + path.removeprefix(renderer.config.prefix + "/").lstrip("/")
    spec = dialects.parse(path, parse_qsl(query, keep_blank_values=True), renderer.config)
    if spec.format == dialects.AUTO:
        raise BadParameter("auto needs a client; name a format.", parameter="format")
    return renderer.render(spec)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
