"""Making any text of a client safe to lay out: bounded, normalised, no control characters."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PLAIN = re.compile(r"[ -~\n]*")
# Zero-width joiner and non-joiner shape Persian, Indic scripts and emoji; no other format
# character draws anything, and bidi controls reorder text behind the reader's back.
_JOINERS = "\u200c\u200d"
# Stacked marks are drawn without end above a line ("zalgo"); no orthography needs more than four.
_MOST_MARKS = 4
# Both blocks: they choose among glyphs of a font that has several, ours have one.
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def clean(text: str, most_characters: int, most_lines: int) -> str:
    """Return `text` in NFC, at most so many characters and lines, an ellipsis where it was cut.

    Line breaks become "\\n". Control, format, surrogate, private and unassigned characters go.
    """
    if not most_characters:
        return ""
    # White space and what is dropped may leave less than the most; a longer tail is never read.
    text = text[: 4 * most_characters]
    if not _PLAIN.fullmatch(text):
        text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text))
        # Again, for marks that meet their letter only now that what stood between them is gone.
        text = unicodedata.normalize("NFC", "".join(_drawable(text)))
    lines = [" ".join(line.split()) for line in text.strip().split("\n", most_lines)]
    cut = len(lines) > most_lines
    text = "\n".join(lines[:most_lines])
    if len(text) > most_characters - cut:  # the ellipsis needs room too
        text, cut = text[: most_characters - 1].rstrip(), True
    return text + ELLIPSIS if cut and not text.endswith(ELLIPSIS) else text


def _drawable(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if character in _JOINERS:
            kept.append(character)
            continue
        if character == "\n":
            kept.append(character)
        elif category == "Zs" or character == "\t":
            kept.append(" ")
        elif category[0] == "M":
            marks += 1
            if marks <= _MOST_MARKS and not _VARIATION_SELECTORS.match(character):
                kept.append(character)
            continue
        elif category[0] == "C":
            continue  # nor does what is gone begin a new stack of marks
        else:
            kept.append(character)
        marks = 0
    return kept
