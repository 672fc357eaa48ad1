"""The look of every figure: colours by meaning, in a light and a dark edition, and the sizes of type and line.

One colour stands for one thing through the whole book. The hues follow the palette of Okabe and Ito (2008), darkened
or lightened until each is readable as text (contrast of 4.5 to 1) on its paper, and apart from the others for
readers with any of the common colour-vision deficiencies. This module draws nothing and knows no library of drawing.
"""

import re
from difflib import get_close_matches
from typing import NamedTuple


class FigureError(ValueError):
    """A figure cannot be drawn or published as asked."""


class Colour(NamedTuple):
    """A colour on light paper and the one that takes its place on dark paper."""

    light: str
    dark: str


# Data, by meaning: at most five, so that a figure never needs more.
MEANINGS = {
    "claimed": Colour("#c04a00", "#ec8144"),  # a party's own count
    "documented": Colour("#0a5fd0", "#93c9f8"),  # a floor: what is proved one by one
    "estimated": Colour("#8a2a8f", "#bf62cc"),  # a model, and dashed: the future
    "inflow": Colour("#00805a", "#2aa57a"),  # people who come in
    "gap": Colour("#10151c", "#f7f7f7"),  # what is left between two things
}
# Everything that is not data.
NEUTRALS = {
    "ink": Colour("#222832", "#ced6dd"),
    "muted": Colour("#5f6873", "#9aa4ae"),
    "grid": Colour("#dde1e6", "#333a42"),
    "paper": Colour("#ffffff", "#121212"),
}
COLOURS = {**MEANINGS, **NEUTRALS}

WIDTH = 720  # pixels of the page that a figure fills; one pixel is POINT of the figure's own units
POINT = 0.72  # points a pixel
PNG_DPI = 160
BAND_OPACITY = 0.2
CELL_OPACITY = 0.32  # of the strongest cell of a heat map: ink on it stays readable on both papers
TEXT_SIZE = 12.0

# Type is measured in the widest of the sans-serif faces, DejaVu Sans, and shown in the reader's own: text can only
# become narrower than its place.
MEASURED_FONT = "DejaVu Sans"
SHOWN_FONTS = "-apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

LOOK = {
    "figure.facecolor": COLOURS["paper"].light,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.w_pad": 0.05,
    "savefig.facecolor": "auto",
    "font.family": [MEASURED_FONT],
    "font.size": TEXT_SIZE,
    "text.color": COLOURS["ink"].light,
    "text.parse_math": False,
    "axes.facecolor": COLOURS["paper"].light,
    "axes.edgecolor": COLOURS["muted"].light,
    "axes.labelcolor": COLOURS["ink"].light,
    "axes.labelsize": TEXT_SIZE,
    "axes.linewidth": 0.8,
    "axes.titlesize": TEXT_SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": COLOURS["ink"].light,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.xmargin": 0.01,
    "axes.unicode_minus": True,
    "grid.color": COLOURS["grid"].light,
    "grid.linewidth": 0.8,
    "xtick.color": COLOURS["muted"].light,
    "ytick.color": COLOURS["muted"].light,
    "xtick.labelcolor": COLOURS["ink"].light,
    "ytick.labelcolor": COLOURS["ink"].light,
    "xtick.labelsize": TEXT_SIZE,
    "ytick.labelsize": TEXT_SIZE,
    "xtick.major.size": 4.0,
    "ytick.major.size": 0.0,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.0,
    "svg.fonttype": "none",
}


def colour(meaning: str) -> str:
    """Return the colour that a thing has throughout the book, as hexadecimal text for light paper.

    >>> colour("claimed")
    '#c04a00'
    """
    if meaning not in COLOURS:
        near = get_close_matches(str(meaning), COLOURS, n=1) or sorted(COLOURS)
        raise FigureError(
            f"A colour is named by what it means, but {meaning!r} was found: use {' or '.join(map(repr, near))}."
        )
    return COLOURS[meaning].light


def darken(svg: str) -> str:
    """Turn an SVG on light paper into the same drawing on dark paper, colour by colour.

    Raises `FigureError` if the drawing holds a colour that is not in `COLOURS`: it would stay light.
    """
    dark = {pair.light: pair.dark for pair in COLOURS.values()}
    strangers = sorted({found for found in _colours(svg) if found not in dark})
    if strangers:
        raise FigureError(
            f"A figure uses the colours of palette.COLOURS only, but {', '.join(strangers)} was found: "
            "pass color=palette.colour('claimed') or another meaning."
        )
    return _HEX.sub(lambda match: dark[match[0].lower()], svg)


def _colours(svg: str) -> set[str]:
    """Return every colour of an SVG; a shape or text that names none is black."""
    named = {found.lower() for found in _HEX.findall(svg)}
    bare = any("fill:" not in style for style in _PAINTED.findall(svg))
    return named | {"#000000"} if bare else named


# In a style a colour follows its property: "fill: #c04a00". Elsewhere "#..." is text or the name of a clip.
_HEX = re.compile(r"(?<=(?:fill|roke|olor): )#[0-9a-fA-F]{6}\b")
# Shapes that are painted; one with an id is only defined, and painted where it is used.
_PAINTED = re.compile(r'<(?:path d=|use |text )(?:[^>]*?style="([^"]*)")?')
