"""URLs of image servers and services: one function for each, of the decoded path or the query.

Sites have them in their paths when the service is a proxy in front, or behind, of the same host.
The shapes are those of the services' own documentation (2026).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from wsgi_placeholder.missing._reading import EXTENSION, FLAGS, file_name, found, guess, sized

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsgi_placeholder.missing import Guess

_THUMBOR_KEY = re.compile(r"unsafe|[\w-]{27}=", re.ASCII)
_THUMBOR_BEFORE = re.compile(
    r"debug|meta|trim(?::.*)?|[0-9.]+x[0-9.]+:[0-9.]+x[0-9.]+|(?:adaptive-)?(?:full-)?fit-in"
)
_THUMBOR_SIZE = re.compile(r"-?([0-9]{1,5}|orig)?x-?([0-9]{1,5}|orig)?", re.ASCII)
_IMGPROXY_TYPES = ("fit", "fill", "fill-down", "force", "auto", "crop")
_CLOUDINARY = re.compile(r"[a-z]{1,3}_[^,]+(?:,[a-z]{1,3}_[^,]+)*", re.ASCII)
_CLOUDINARY_DELIVERY = ("upload", "fetch", "private", "authenticated")
# What stands before the options, what between them, and what between name and value.
_OPTIONED = {
    "cloudflare": ("/cdn-cgi/image/", re.compile("[,&]"), "="),
    "ipx": ("/_ipx/", re.compile("[,&]"), "_"),
    "imagekit": ("/tr:", re.compile("[,:]"), "-"),
}
_GHOST = re.compile(r"(?:w([0-9]{1,5}))?(?:h([0-9]{1,5}))?", FLAGS)
_STORYBLOK = re.compile(r"([0-9]{1,5})x([0-9]{1,5})", FLAGS)
_SHOPIFY = re.compile(
    r"_(?:([0-9]{2,5})?x([0-9]{2,5})?(_crop_[a-z_]+)?|([a-z]+))(?:\.progressive|\.pjpg)?"
    + EXTENSION,
    FLAGS,
)
# The sizes that Shopify's img_url knew by name.
_SHOPIFY_NAMED = MappingProxyType({
    "pico": "16", "icon": "32", "thumb": "50", "small": "100", "compact": "160", "medium": "240",
    "large": "480", "grande": "600",
})  # fmt: skip
_PAIR = re.compile(r"([0-9]{1,5})(?:px)?[,x]([0-9]{1,5})(?:px)?", FLAGS)
_SQUARESPACE = re.compile(r"([0-9]{2,5})()w", FLAGS)


def thumbor(path: str) -> Guess | None:
    """`/unsafe/fit-in/300x200/smart/example.com/cat.jpg`, `/<28 characters>/300x0/cat.jpg`"""
    parts = path.split("/")
    for index, part in enumerate(parts):
        if _THUMBOR_KEY.fullmatch(part):
            options = parts[index + 1 : index + 7]
            size = next((text for text in options if not _THUMBOR_BEFORE.fullmatch(text)), "")
            if known := found("thumbor", _THUMBOR_SIZE.fullmatch(size)):
                return known
    return None


def imgproxy(path: str) -> Guess | None:
    """`/insecure/rs:fit:300:200/dpr:2/plain/http://x/cat.jpg@webp`

    Version 1, which later ones still read: `/insecure/fill/300/400/sm/0/plain/...`.
    """
    parts = path.split("/")
    known: dict[str, str] = {}
    for index, part in enumerate(parts):
        name, *values = part.split(":", 4)
        if part in ("plain", "enc") or values == [""] or (known and not values):
            break  # the source begins, with `http:` at the latest
        if part in _IMGPROXY_TYPES and "".join(parts[index + 4 : index + 5]) in ("0", "1"):
            return guess("imgproxy", *parts[index + 1 : index + 3])
        if name in ("rs", "resize", "s", "size"):
            sides = values[1:3] if name in ("rs", "resize") else values[:2]
            known |= zip(("w", "h"), sides, strict=False)
        elif values and name in ("w", "width", "h", "height", "dpr"):
            known["dpr" if name == "dpr" else name[0]] = values[0]
    return sized("imgproxy", known)


def cloudinary(path: str) -> Guess | None:
    """`/demo/image/upload/c_crop,w_900/c_fill,w_300,ar_3:2,dpr_2.0/v12/cat.jpg`: the last counts.

    Without `image/upload` one part must have a comma. What is done to a layer does not count.
    """
    known = None
    delivered = in_layer = False
    for part in path.split("/")[:-1]:
        if part in _CLOUDINARY_DELIVERY:
            delivered = True
        elif (delivered or "," in part) and _CLOUDINARY.fullmatch(part):
            options = _options(part.split(","), "_")
            applied = options.get("fl", "").startswith("layer_apply")
            in_layer = (in_layer or bool(options.keys() & {"l", "u"})) and not applied
            if not in_layer and not applied:
                known = sized("cloudinary", options) or known
        elif known:
            break
    return known


def optioned(path: str) -> Guess | None:
    """`/cdn-cgi/image/fit=cover,width=80,dpr=2/a/cat.jpg`, `/_ipx/w_300,h_200/`, `/tr:w-300,h-9/`

    Cloudflare, Nuxt's and Netlify's ipx, and ImageKit.
    """
    for rule, (mark, between, joint) in _OPTIONED.items():
        _, _, after = f"/{path}".partition(mark)
        options = _options(between.split(after.partition("/")[0]), joint)
        if known := sized(rule, options):
            return known
    return None


def _options(texts: Iterable[str], joint: str) -> dict[str, str]:
    return dict(text.partition(joint)[::2] for text in texts)


def ghost(path: str) -> Guess | None:
    """`/content/images/size/w600/2024/05/cat.jpg`, `/content/images/size/w256h256/logo.png`"""
    _, _, after = path.partition("images/size/")
    return found("ghost", _GHOST.fullmatch(after.partition("/")[0]))


def storyblok(path: str) -> Guess | None:
    """`/f/12/cat.jpg/m/600x0/smart/filters:quality(80)`"""
    _, _, after = path.partition("/m/")
    return found("storyblok", _STORYBLOK.fullmatch(after.partition("/")[0]))


def shopify(path: str) -> Guess | None:
    """`shirt_800x1026_crop_center@2x.jpg`, `shirt_768x.progressive.jpg`, `shirt_x260.jpg`

    `shirt_300x200.jpg` and `shirt_grande.jpg` only below `/cdn/shop/` or `/s/files/`.
    """
    match = _SHOPIFY.search(file_name(path))
    if not match:
        return None
    its_own = "cdn/shop/" in path or "s/files/" in path
    if match[4]:
        side = _SHOPIFY_NAMED.get(match[4].lower()) if its_own else None
        return guess("shopify", side, side)
    telling = match[3] or not (match[1] and match[2])
    return found("shopify", match) if its_own or telling else None


def jetpack(query: Mapping[str, str]) -> Guess | None:
    """`?resize=300,200`, `?fit=300,200`: WordPress.com's Photon."""
    return found("jetpack", _PAIR.fullmatch(query.get("resize", ""))) or found(
        "jetpack", _PAIR.fullmatch(query.get("fit", ""))
    )


def asked(path: str, query: Mapping[str, str]) -> Guess | None:
    """`?w=300&h=200&dpr=2`, `?width=300&ar=16:9`, `?size=300x200`, `?s=80`: most of the rest.

    imgix, Contentful, Sanity, Fastly, Akamai, Gravatar and others; Next.js, which is named:
    `/_next/image?url=%2Fcat.jpg&w=640&q=75`; Squarespace: `?format=750w`; ImageKit: `?tr=w-300`.
    """
    rule = "next" if path.endswith(("/_next/image", "/_next/image/")) else "query"
    return (
        sized(rule, query)
        or sized("imagekit", _options(re.split("[,:]", query.get("tr", "")), "-"))
        or found("squarespace", _SQUARESPACE.fullmatch(query.get("format", "")))
    )
