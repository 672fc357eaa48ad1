"""From a drawn figure to SVG and PNG: the rules of the house are checked, and nothing depends on day or machine."""

import base64
import io
import re

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from attrition.figures import narrow
from attrition.figures.axes import LOG_WORDS, STYLE, settle
from attrition.figures.palette import MEASURED_FONT, PNG_DPI, POINT, SHOWN_FONTS, FigureError

NARROW = narrow.NARROW
DECIMALS = 2  # of coordinates in an SVG, in points: finer than any screen


def check(fig: Figure, name: str) -> None:
    """Raise `FigureError` for the first rule that a figure breaks."""
    if not fig.axes:
        raise FigureError(f"Figure '{name}' needs a panel, but it has none: open it with figures.canvas().")
    if fig.get_suptitle() or (len(fig.axes) == 1 and any(fig.axes[0].get_title(loc) for loc in _SIDES)):
        raise FigureError(f"Figure '{name}' has a title inside the image: say it in the caption instead.")
    for ax in fig.axes:
        _check_axes(ax, name)
    if not any(axis.get_label_text() for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        raise FigureError(f"Figure '{name}' has axes without a name: call figures.name_axes().")


def render(fig: Figure, name: str, alt: str) -> tuple[str, str]:
    """Return a figure as SVG text and as PNG in base64 text, after its labels have settled.

    `name` seeds the identifiers inside the SVG; `alt` becomes its title, read out where the file stands alone.
    """
    for text in fig.findobj(Text):
        text.set_parse_math(False)
    with matplotlib.style.context((*STYLE, {"svg.hashsalt": name})):
        settle(fig)
        svg, png = io.StringIO(), io.BytesIO()
        fig.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Title": alt})
        fig.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return _tidy(svg.getvalue()), base64.b64encode(png.getvalue()).decode()


def render_narrow(fig: Figure, name: str, alt: str) -> tuple[str, int] | None:
    """Return a figure for narrow screens, as SVG text, and its height in pixels; nothing if it does not fit there.

    Comes last: the figure is laid out anew and is good for nothing else afterwards.
    """
    with matplotlib.style.context((*STYLE, {"svg.hashsalt": f"{name}-narrow"})):
        narrow.narrow(fig)
        settle(fig)
        if not narrow.fits(fig):
            narrow.squeeze(fig)
            settle(fig)
        if not narrow.fits(fig):
            return None
        svg = io.StringIO()
        fig.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Title": alt})
    return _tidy(svg.getvalue()), round(float(fig.get_size_inches()[1]) * 72 / POINT)


_SIDES = ("left", "center", "right")


def _check_axes(ax: Axes, name: str) -> None:
    if not ax.has_data():
        raise FigureError(f"Figure '{name}' has an empty panel: draw the data on it, or open fewer panels.")
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log" and not axis.get_label_text().endswith(LOG_WORDS):
            raise FigureError(f"Figure '{name}' has a log axis that is not named as one: call figures.log_axis().")
    for bars in ax.containers:
        upright = getattr(bars, "orientation", None)
        if upright and not _holds_zero(ax.get_ylim() if upright == "vertical" else ax.get_xlim()):
            raise FigureError(f"Figure '{name}' has bars that do not start at zero: leave zero inside their axis.")


def _holds_zero(limits: tuple[float, float]) -> bool:
    return min(limits) <= 0 <= max(limits)


def _tidy(svg: str) -> str:
    """Leave out what a page does not need, name the reader's own fonts, size in pixels, round coordinates."""
    svg = re.sub(r"<!DOCTYPE.*?>\s*|\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = svg.replace(f"font-family: '{MEASURED_FONT}'", f"font-family: {SHOWN_FONTS}")
    svg = re.sub(r'(?<=(?:idth|ight)=")([\d.]+)pt"', lambda found: f'{float(found[1]) / POINT:g}"', svg)
    svg = re.sub(r'transform="rotate\(-0 [^"]*"', "", svg)
    return re.sub(r'\b(?:d|x|y|width|height|transform)="[^"]*"', _round_numbers, svg)


def _round_numbers(attribute: re.Match) -> str:
    return re.sub(r"-?\d+\.\d+", lambda found: f"{round(float(found[0]), DECIMALS) + 0.0:g}", attribute[0])
