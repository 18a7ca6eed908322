"""Thumbnail names of libraries and content management systems: one function for each.

Each takes the decoded path and returns a Guess or None. The shapes are those that the libraries'
own sources write: Mezzanine 6.1, django-versatileimagefield 3.1, django-filer 3.6,
easy-thumbnails 2.10, Wagtail 8.0, WordPress 6, Drupal 11, MediaWiki 1.4x. sorl-thumbnail,
django-imagekit and django-imagefield name their files by hashes that tell nothing.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from wsgi_placeholder.missing import Guess
from wsgi_placeholder.missing._reading import EXTENSION, FLAGS, LEAST, file_name, found, guess

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Sizes = Mapping[str, tuple[int | None, int | None]]

# core/modules/image/config/install and core/modules/media_library of Drupal 8 to 11.
DRUPAL_STYLES: Sizes = MappingProxyType({
    "thumbnail": (100, 100), "medium": (220, 220), "large": (480, 480), "wide": (1090, None),
    "media_library": (220, 220),
})  # fmt: skip

_SIZE = r"([0-9]{1,5})x([0-9]{1,5})"
_MEZZANINE = re.compile(
    rf"-{_SIZE}(?:-no-upscale)?(?:-[0-9.]{{1,20}}x[0-9.]{{1,20}})?(?:-padded-[^/]*)?{EXTENSION}",
    FLAGS,
)
_VERSATILE = re.compile(rf"-{_SIZE}(?:-[0-9]{{1,3}})?{EXTENSION}", FLAGS)
_FILER = re.compile(rf"{_SIZE}(?:_.*)?{EXTENSION}", FLAGS)
_EASY_OPTIONS = rf"{_SIZE}_(?:q[0-9]{{1,3}})?(?:ss[0-9])?(?:_.*)?"
_EASY_NAME = re.compile(rf".*\.{_EASY_OPTIONS}{EXTENSION}", FLAGS)
_EASY_HASHED = re.compile(rf"[\w-]{{12}}_{_SIZE}_[\w-]{{8}}{EXTENSION}", FLAGS)
_EASY_FOLDER = re.compile(_EASY_OPTIONS, FLAGS)
_WAGTAIL = re.compile(
    rf"(?:fill|min|max)-{_SIZE}(?:-c[0-9]{{1,3}})?|(width|height)-([0-9]{{1,5}})"
    r"|scale-([0-9]{1,3}(?:\.[0-9]{1,5})?)",
    FLAGS,
)
# What Django's storage adds where a name is taken.
_TAKEN = re.compile(r"_[a-z0-9]{7}$", FLAGS)
_WORDPRESS = re.compile(rf"-{_SIZE}{EXTENSION}", FLAGS)
_MONTH = re.compile(r"(?:19|20)[0-9]{2}/(?:0[1-9]|1[0-2])", FLAGS)
_MEDIAWIKI = re.compile(r"(?:[a-z]+[0-9]*-){0,2}([0-9]{1,5})()px-", FLAGS)
# 600x400, card_670_395 and teaser_170w; but 16x9, 4_3 and 2_1 are ratios.
_DRUPAL = re.compile(
    r"(?<![0-9])(?:([0-9]{2,5})x([0-9]{2,5})|([0-9]{3,4})_([0-9]{2,4})|([0-9]{2,4})w)(?![0-9a-z])",
    FLAGS,
)
_DRUPAL_LEAST = 20
_DRUPAL_SCHEMES = ("public", "private", "s3", "temporary")


def mezzanine(path: str) -> Guess | None:
    """`blog/.thumbnails/pic.jpg/pic-750x0.jpg`; further: -no-upscale, -0.2x0.7, -padded-#fff."""
    *_, folder, image, name = ("", "", *path.split("/"))
    if folder != ".thumbnails":
        return None
    # The image's own name may have a size in it.
    after = file_name(name).removeprefix(image.rpartition(".")[0])
    return found("mezzanine", _MEZZANINE.match(after))


def versatileimagefield(path: str) -> Guess | None:
    """`__sized__/jane-thumbnail-400x400-70.jpg`, `__sized__/a/jane-crop-c0-5__0-5-400x300.png`"""
    inside = "__sized__" in path.split("/")
    return found("versatileimagefield", _VERSATILE.search(file_name(path))) if inside else None


def filer(path: str) -> Guess | None:
    """`filer_public/ab/cd/x/pic.jpg__100x100_q85_crop_subject_location-36,24_upscale.jpg`"""
    before, mark, options = file_name(path).rpartition("__")
    return found("filer", _FILER.fullmatch(options)) if before and mark else None


def easy_thumbnails(path: str) -> Guess | None:
    """`1.jpg.150x150_q85ss0_crop-smart.png`, `1xedFtqllFo9_100x100_QHCa6G1l.jpg`

    With the options in THUMBNAIL_BASEDIR or SUBDIR: `photos/150x150_q85_crop/1.jpg`.
    """
    name = file_name(path)
    match = _EASY_NAME.fullmatch(name) or _EASY_HASHED.fullmatch(name)
    folders = reversed(path.split("/")[:-1])
    match = match or next(filter(None, map(_EASY_FOLDER.fullmatch, folders)), None)
    return found("easy-thumbnails", match)


def easy_thumbnails_alias(path: str, sizes: Sizes) -> Guess | None:
    """`photos/1.jpg.avatar.jpg`, where `sizes` has what THUMBNAIL_ALIASES says of avatar."""
    parts = file_name(path).split(".")
    if len(parts) < 3 or parts[-2] not in sizes:
        return None
    return Guess(*sizes[parts[-2]], "alias")


def wagtail(path: str) -> Guess | None:
    """`cat.2e16d0ba.fill-300x200-c100.jpg`, `cat.max-165x165.format-webp.webp`

    Served as asked for: `/images/<28 characters>/12/width-400|jpegquality-60/cat.jpg`.
    """
    operations = file_name(path).split(".")[1:-1]
    if operations:
        operations[-1] = _TAKEN.sub("", operations[-1])
    folders = path.split("/")[-3:-1]
    if len(folders) == 2 and folders[0].isdecimal():
        operations += folders[1].split("|")
    return _rendition(operations)


def _rendition(operations: Iterable[str]) -> Guess | None:
    width: float | None = None
    height: float | None = None
    for match in filter(None, map(_WAGTAIL.fullmatch, operations)):
        if match[1]:
            width, height = int(match[1]), int(match[2])
            continue
        if match[5]:
            factor = float(match[5]) / 100
        elif width and height:
            # It never enlarges.
            factor = min(1, int(match[4]) / (width if match[3] == "width" else height))
        else:
            width = int(match[4]) if match[3] == "width" else width
            height = int(match[4]) if match[3] == "height" else height
            continue
        width, height = (side and max(1, side * factor) for side in (width, height))
    return guess("wagtail", *(str(round(side or 0)) for side in (width, height)))


def wordpress(path: str) -> Guess | None:
    """`wp-content/uploads/cat-300x200.jpg`, `2024/05/cat-300x200.jpg`: the file's real size."""
    folders = path.split("/")[:-1]
    if "wp-content" not in folders and not _MONTH.fullmatch("/".join(folders[-2:])):
        return None
    match = _WORDPRESS.search(file_name(path))
    if not match or min(int(match[1]), int(match[2])) < LEAST:
        return None
    return found("wordpress", match)


def drupal(path: str, sizes: Sizes) -> Guess | None:
    """`files/styles/{style}/public/2024-05/cat.jpg`: a style of `sizes`, of Drupal, or 600x400."""
    parts = path.split("/")
    for before, style, scheme in zip(parts, parts[1:], parts[2:], strict=False):
        if before == "styles" and scheme in _DRUPAL_SCHEMES:
            known = sizes.get(style) or DRUPAL_STYLES.get(style)
            return Guess(*known, "drupal") if known else _named_size(style)
    return None


def _named_size(style: str) -> Guess | None:
    for match in _DRUPAL.finditer(style[:64]):
        width, height = match[1] or match[3] or match[5], match[2] or match[4]
        if min(int(width), int(height or width)) >= _DRUPAL_LEAST:
            return guess("drupal", width, height)
    return None


def mediawiki(path: str) -> Guess | None:
    """`thumb/3/3e/Cat.jpg/800px-Cat.jpg`, of a page of a book `lossy-page1-800px-Book.tif.jpg`"""
    inside = "thumb" in path.split("/")[:-2]
    return found("mediawiki", _MEDIAWIKI.match(file_name(path))) if inside else None
