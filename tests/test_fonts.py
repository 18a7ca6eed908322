"""Fonts are found and read at start, by name only, and never again."""

import os
import shutil
import socket
import struct
import sys

import fontpkg
import pytest
from asking import ask, environ_for
from side_by_side import DEJAVU

from wsgi_placeholder import Config, render
from wsgi_placeholder.drawing import font_files as module
from wsgi_placeholder.drawing.font_files import read_font, slug
from wsgi_placeholder.drawing.fonts import Fonts

INTER = fontpkg.families()["inter"].files[0].path


@pytest.fixture(scope="module")
def bare():
    return Fonts(system=False)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Inter", "inter"),
        ("Playfair Display", "playfair-display"),
        ("playfair+display", "playfair-display"),
        ("PLAYFAIR_display ", "playfair-display"),
        ("Source Sans Pro", "source-sans-3"),
        ("sans-serif", "inter"),
        ("../../etc/passwd", "etc-passwd"),
        ("", ""),
    ],
)
def test_spellings_of_a_family(written, known):
    assert slug(written) == known


def test_inter_is_there_and_first(bare):
    assert bare.names[0] == "inter"
    face = bare.face("inter", 600)
    assert {ord(character) for character in "×é€–…Жλ"} <= face.coverage


def test_unknown_families_raise(bare):
    with pytest.raises(KeyError):
        bare.face("nope", 400)


def test_weights_differ_and_are_kept(bare):
    thin, black = bare.face("inter", 100), bare.face("inter", 900)
    assert thin is bare.face("inter", 100)
    glyph = thin.hb.get_nominal_glyph(ord("H"))
    assert black.hb.get_glyph_h_advance(glyph) > thin.hb.get_glyph_h_advance(glyph)
    assert thin.variations["wght"] == 100


def test_cuts_for_a_size(bare):
    """Text of 14 pixels is set wider than a headline; a font without such cuts has one face."""
    usual, small = bare.face("inter", 400), bare.at_size(14).face("inter", 400)
    glyph = usual.hb.get_nominal_glyph(ord("n"))
    assert small.hb.get_glyph_h_advance(glyph) > usual.hb.get_glyph_h_advance(glyph)
    assert bare.at_size(13.6).face("inter", 400) is small
    assert bare.at_size(4).face("inter", 400) is small  # the smallest there is
    assert bare.face("inter", 400) is usual
    fonts = Fonts([str(DEJAVU)], system=False)
    assert fonts.at_size(14).face("dejavusans", 400) is fonts.face("dejavusans", 400)


def test_ink_boxes_hold_the_outline(bare):
    face = bare.face("inter", 600)
    glyph = face.hb.get_nominal_glyph(ord("H"))
    ink = face.ink(glyph)
    box = face.hb.get_glyph_extents(glyph)
    assert ink.left < box.x_bearing < ink.right
    assert ink.bottom < 0 < box.y_bearing < ink.top
    assert face.ink(face.hb.get_nominal_glyph(ord(" "))) is None


def test_files_and_folders_of_the_user(tmp_path):
    shutil.copy(INTER, tmp_path / "My Brand.ttf")
    (tmp_path / "readme.txt").write_text("not a font")
    for given in (str(tmp_path), str(tmp_path / "My Brand.ttf")):
        fonts = Fonts([given], system=False)
        assert fonts.names[0] == "my-brand"
        assert fonts.face("my-brand", 400).upem > 0
    assert render("60?font=my+brand", fonts=[str(tmp_path)]).body


@pytest.mark.parametrize("content", [None, b"", b"not a font", b"\0\1\0\0" + b"\0" * 60])
def test_a_file_that_cannot_be_read_fails_at_start(tmp_path, content):
    path = tmp_path / "broken.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.ttf"):
        Config.of(fonts=[str(path)])


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_font_fails_at_start(tmp_path, share):
    whole = INTER.read_bytes()
    path = tmp_path / "short.ttf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match=r"short\.ttf"):
        Config.of(fonts=[str(path)])


@pytest.mark.parametrize("table", ["glyf", "loca", "head", "hmtx", "maxp", "cmap"])
@pytest.mark.parametrize("absent", [False, True])
def test_a_damaged_font_fails_at_start(tmp_path, table, absent):
    """Blank letters, letters upon each other, PDFs that cannot be written."""
    damaged = bytearray(INTER.read_bytes())
    at = damaged.index(table.encode(), 12)
    if absent:
        damaged[at : at + 4] = b"zzzz"
    else:
        start, length = struct.unpack(">II", damaged[at + 8 : at + 16])
        damaged[start : start + length] = bytes(length)
    path = tmp_path / "bad.ttf"
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match=r"bad\.ttf"):
        Config.of(fonts=[str(path)])


@pytest.fixture
def odd_path(request, tmp_path):
    path = tmp_path / "odd.ttf"
    match request.param:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(os.path.relpath(path))
        case "device":
            return "/dev/zero"
        case "empty folder":
            path.mkdir()
        case "folder without fonts":
            path.mkdir()
            (path / "readme.txt").write_text("none here")
            os.mkfifo(path / "pipe.ttf")
        case "loop":
            path.symlink_to(path)
        case "long":
            return str(tmp_path / ("odd" * 2000))
        case "null":
            return str(tmp_path / "odd\0.ttf")
    return str(path)


@pytest.mark.parametrize(
    ("odd_path", "why"),
    [
        ("pipe", "neither a file nor a folder"),
        ("socket", "neither a file nor a folder"),
        ("device", "neither a file nor a folder"),
        ("empty folder", "no .otc, .otf, .ttc, .ttf in this folder"),
        ("folder without fonts", "no .otc, .otf, .ttc, .ttf in this folder"),
        ("absent", "No such file"),
        ("loop", "symbolic links"),
        ("long", "name too long"),
        ("null", "null"),
    ],
    indirect=["odd_path"],
)
def test_what_is_no_font_file_fails_at_start_by_name(odd_path, why):
    with pytest.raises(ValueError, match=f"fonts: cannot read {odd_path[:40]}.*{why}") as caught:
        Fonts([odd_path], system=False)
    assert len(str(caught.value)) < 400


def test_fallbacks_have_the_character(bare):
    assert not list(bare.fallbacks("inter", 400, "日")) or "noto" in " ".join(bare.names)
    full = Fonts()
    for character in "שع日★":
        for face in full.fallbacks("inter", 400, character):
            assert ord(character) in face.coverage


def test_damaged_system_fonts_are_passed_over(tmp_path, monkeypatch):
    (tmp_path / "bad.ttf").write_bytes(b"\0\1\0\0broken")
    (tmp_path / "cut.ttf").write_bytes(INTER.read_bytes()[:-1000])
    os.mkfifo(tmp_path / "pipe.ttf")
    monkeypatch.setattr(module, "_system_folders", lambda: [tmp_path, tmp_path / "absent"])
    module.system_fonts.cache_clear()
    try:
        fonts = Fonts()
        assert "inter" in fonts.names
        assert fonts._system == ()
    finally:
        module.system_fonts.cache_clear()


def test_the_fingerprint_follows_the_fonts(tmp_path, bare):
    assert bare.fingerprint == Fonts(system=False).fingerprint
    shutil.copy(INTER, tmp_path / "brand.ttf")
    assert Fonts([str(tmp_path)], system=False).fingerprint != bare.fingerprint


def test_read_font_refuses_what_has_no_outlines():
    with pytest.raises(ValueError, match="nothing"):
        read_font("nothing", b"")


_opened: list[str] = []
_watching = False


def _watch(event, args):
    if _watching and event == "open":
        _opened.append(str(args[0]))


def test_no_file_is_opened_for_a_picture(middleware):
    """Neither for a known font nor for a name that looks like a path (a hook cannot be removed)."""
    global _watching
    sys.addaudithook(_watch)
    urls = [
        "60?font=inter&text=%D7%A9%D7%9C%D7%95%D7%9D&weight=300",
        "60?font=../../etc/passwd",
        "60?font=/dev/stdin",
        "60?font=%00",
        "60?font=nope",
    ]
    statuses = []
    for url in urls:  # once before, so that no import is in the way
        ask_for(middleware, url + "&seed=1")
    _watching = True
    try:
        statuses = [ask_for(middleware, url) for url in urls]
    finally:
        _watching = False
    assert statuses == [200, 400, 400, 400, 400]
    assert _opened == []


def ask_for(middleware, url):
    return ask(middleware, environ_for("/placeholder/" + url)).code


def test_fonts_outlive_their_files(tmp_path):
    path = tmp_path / "brand.ttf"
    shutil.copy(INTER, path)
    fonts = Fonts([str(path)], system=False)
    before = fonts.face("brand", 700).shape("Hello")[1]
    path.write_bytes(b"")
    path.unlink()
    assert fonts.face("brand", 300).shape("Hello")[0]
    assert [p.x_advance for p in fonts.face("brand", 700).shape("Hello")[1]] == [
        p.x_advance for p in before
    ]


def test_files_of_one_name_are_a_family(tmp_path):
    """And each is known by its own name, too."""
    for style in ("Regular", "Bold"):
        name = f"DejaVuSans{'-Bold' if style == 'Bold' else ''}.ttf"
        shutil.copy(DEJAVU.with_name(name), tmp_path / f"Brand Sans-{style}.ttf")
    shutil.copy(INTER, tmp_path / "Whole-Bold.ttf")
    fonts = Fonts([tmp_path], system=False)
    assert set(fonts.names) - set(Fonts(system=False).names) == {
        "brand-sans",
        "brand-sans-regular",
        "brand-sans-bold",
        "whole-bold",
    }  # a variable font has its weights already
    for weight, name in ((400, "regular"), (100, "regular"), (700, "bold"), (600, "bold")):
        assert fonts.face("brand-sans", weight).font.name == f"brand-sans-{name}"


def test_fallbacks_are_as_bold_as_the_text(tmp_path, monkeypatch):
    for name in ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-BoldOblique"):
        shutil.copy(DEJAVU.with_name(f"{name}.ttf"), tmp_path)
    monkeypatch.setattr(module, "_system_folders", lambda: [tmp_path])
    module.system_fonts.cache_clear()
    try:
        fonts = Fonts()
        for weight, name in ((400, "dejavusans"), (700, "dejavusans-bold")):
            assert next(fonts.fallbacks("inter", weight, "\u0639")).name == name
    finally:
        module.system_fonts.cache_clear()


@pytest.mark.parametrize("start", [b"wOFF", b"wOF2"])
def test_a_web_font_is_named_as_one(tmp_path, start):
    (tmp_path / "lora.ttf").write_bytes(start + bytes(99))
    with pytest.raises(ValueError, match=r"a web font .* expected the \.ttf or \.otf"):
        Fonts([tmp_path / "lora.ttf"])
