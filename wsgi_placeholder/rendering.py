"""From a Spec to a file: the only place where style, format and cache meet."""

from __future__ import annotations

import functools
import hashlib
import sys
import unicodedata
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bidi
import PIL
import uharfbuzz

from wsgi_placeholder import dialects, formats, registry
from wsgi_placeholder.cache.memory import MemoryCache
from wsgi_placeholder.config import Config
from wsgi_placeholder.drawing.fonts import Fonts
from wsgi_placeholder.drawing.scene import Text
from wsgi_placeholder.errors import BadParameter, Busy, TooLarge
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.urls import read
from wsgi_placeholder.version import __version__
from wsgi_placeholder.workshop import Workshop

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene

# What a key, a Rendition and the cache's own bookkeeping weigh beside the bytes of the file.
_OVERHEAD = 1500
# Bytes below which a picture is drawn where it is asked for: the way to another thread costs more.
_CHEAP = 1_000_000
_CHEAP_ROWS = 8_000_000  # where only rows of text cost anything: a caption of a 4k picture
# Slow readers hold what we send; no flat picture within the limits of pixels comes near.
_LARGEST_FILE = 4_000_000


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
        self._workshop = Workshop()
        # Half of the bytes; the other half holds finished answers by their URLs. A refusal is kept
        # too, or the same URL asked for again would cost its CPU time again.
        self._cache: MemoryCache[Rendition | TooLarge] = MemoryCache(
            config.cache_bytes // 2, _weight, _key_size
        )
        self._fingerprint = self.fonts.fingerprint + _codecs()
        for kind in ("styles", "dialects"):  # a broken plug-in fails here, not in a request
            for name in registry.names(kind):
                registry.load(kind, name)
        self.fonts.face(config.font, config.weight)

    def render(self, spec: Spec) -> Rendition:
        """Return the file of `spec`, from the cache or drawn now. Raises Busy or TooLarge."""
        spec = _normal(spec)
        try:
            made = self._cache.get_or_make(spec, lambda: self._make(spec))
        except MemoryError:
            raise Busy("There is no memory for this picture now; try again in 2 seconds.") from None
        if isinstance(made, TooLarge):  # a new one: raising the same adds to its traceback for ever
            raise TooLarge(made.detail, parameter=made.parameter)
        return made

    def _make(self, spec: Spec) -> Rendition | TooLarge:
        format = formats.installed()[spec.format]
        scene = registry.load("styles", spec.style)(spec, self.fonts)
        rows, cheap = float(scene.height), _CHEAP
        if format.sparse and spec.is_flat:
            inks = [shape.ink.height for shape in scene.shapes if isinstance(shape, Text)]
            rows, cheap = sum(inks), _CHEAP_ROWS
        bytes_needed = scene.width * rows * format.cost_per_pixel(spec)[0]
        if bytes_needed < cheap:
            return _encoded(scene, spec, format)
        return self._workshop.run(lambda: _encoded(scene, spec, format), bytes_needed)

    def etag(self, spec: Spec) -> str:
        """Return the strong validator of the picture, quotes included, without drawing it."""
        key = _normal(spec).key.encode()
        digest = hashlib.blake2b(key, digest_size=12, key=self._fingerprint)
        return f'"{digest.hexdigest()}"'


def _normal(spec: Spec) -> Spec:
    """Return the one of all Specs of this picture that is cached, and named by its ETag."""
    if spec.quality is not None:
        format = formats.installed()[spec.format]
        if not format.lossy or spec.quality == format.default_quality:
            return spec.replace(quality=None)
    return spec


def _encoded(scene: Scene, spec: Spec, format: formats.Format) -> Rendition | TooLarge:
    body = format.encode(scene, spec.quality)
    if len(body) > _LARGEST_FILE:
        return TooLarge(
            f"The file would have {len(body)} bytes; at most {_LARGEST_FILE} are sent. Ask for"
            " fewer pixels, less text or a lower quality.",
            parameter="size",
        )
    return Rendition(body, format.media_type, format.name, scene.missing)


def _weight(made: Rendition | TooLarge) -> int:
    return _OVERHEAD + (len(made.body) if isinstance(made, Rendition) else 0)


def _key_size(spec: Spec) -> int:
    return sys.getsizeof(spec.text) + sys.getsizeof(spec.seed)


@functools.cache
def _codecs() -> bytes:
    """A digest of what changes the bytes of a picture beside its Spec and the fonts.

    That is versions and, as codecs choose code by processor, what they make of one picture. It
    loads every codec before the first request needs it.
    """
    versions: tuple[str, ...] = (
        __version__,
        PIL.__version__,
        uharfbuzz.version_string(),
        bidi.VERSION,
        unicodedata.unidata_version,
        zlib.ZLIB_RUNTIME_VERSION,
    )
    versions += registry.plugin_versions()
    digest = hashlib.blake2b(repr(versions).encode(), digest_size=8)
    fonts = Fonts(system=False)
    for format in formats.installed().values():
        spec = Spec.of(64, 48, text="Aéא", format=format.name)
        scene = registry.load("styles", spec.style)(spec, fonts)
        digest.update(format.encode(scene, None))
    return digest.digest()


@functools.lru_cache(maxsize=8)
def _renderer(options: tuple[tuple[str, Any], ...]) -> Renderer:
    return Renderer(Config.of(**dict(options)))


def render(picture: Spec | str, **options: Any) -> Rendition:
    """Draw a picture without HTTP: a Spec, or a URL such as "600x400?text=Hero".

    A URL may begin with the prefix, or be that of a service, "https://placehold.co/600x400".
    `options` are those of `PlaceholderMiddleware`; what is drawn is kept in a cache for each set
    of options. Raises PlaceholderError for a wrong URL, TypeError or ValueError for a wrong option.
    """
    key = tuple(sorted((k, _hashable(v)) for k, v in options.items()))
    try:
        hash(key)
    except TypeError:
        Config.of(**options)  # no value of an option is like that: it says so, naming the option
        raise
    renderer = _renderer(key)
    if isinstance(picture, Spec):
        return renderer.render(picture)
    spec = read(picture, renderer.config)
    if spec.format == dialects.AUTO:
        raise BadParameter("auto needs a client; name a format.", parameter="format")
    return renderer.render(spec)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
