"""The same figure for a narrow screen: as wide as a telephone, with type of the same size, panels below each other.

A figure drawn for 720 pixels and shown on 340 has type of half the size. This room lays the very same figure out anew
on a narrow canvas, after its wide edition was drawn: nothing is drawn twice, no notebook says anything about it.
"""

import textwrap
from itertools import pairwise

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from attrition.figures.palette import POINT

NARROW = 500  # pixels; shown on 290 to 500, so that type of 17 pixels is never below 9 and mostly above 11
TALLER = 0.85  # height of a panel moved below its neighbour, beside what it had
LONGEST = 22  # characters of a line in the names of an upright axis
WIDEST = {"x": 32, "y": 44}  # characters of a line in the name of an axis
LINE = 17.0  # points from one line of type to the next
SPILL = 0.02  # inches that may leave the canvas
DATES = 5  # labels of an axis of days at most
LETTER, HEAD_LETTER = 6.7, 7.8  # points that a letter takes at most, on average: of a name, of a panel's bold head
SHORTEST = 12  # letters of a line at least
CELL = 0.94  # of a column that the words in its cells may take


def narrow(fig: Figure) -> None:
    """Lay a finished figure out for a narrow screen; it is changed, and only good for that from then on."""
    height = fig.get_size_inches()[1]
    columns = max((ax.get_subplotspec().get_gridspec().ncols for ax in _panels(fig)), default=1)
    fig.set_layout_engine("constrained")
    if columns > 1:
        _stack(fig)
        height *= columns * TALLER
    fig.set_size_inches(NARROW * POINT / 72, height)
    for ax in fig.axes:
        _fewer_dates(ax)
        _wrap_axis_names(ax)
    height += sum(_wrap_rows(ax, fig) for ax in _panels(fig)) / 72
    fig.set_size_inches(NARROW * POINT / 72, height)


def squeeze(fig: Figure) -> None:
    """Break every name that is still too long, of panels, of columns and beside points; the figure grows as it must."""
    width, height = fig.get_size_inches()
    fig.set_layout_engine("constrained")
    for ax in _panels(fig):
        _wrap_head(ax)
        height += (_wrap_columns(ax) + _wrap_rows(ax, fig)) / 72
    longer = max((_wrap_spilled(ax, fig) for ax in _panels(fig)), default=1.0)
    fig.set_size_inches(width, height * longer)


def fits(fig: Figure) -> bool:
    """Tell whether nothing that was drawn leaves the canvas, and no two names below an axis touch.

    Where a figure is too full for a narrow screen its wide edition is shown there as well.
    """
    texts = [text for ax in fig.axes for text in ax.texts if text.get_visible() and text.get_text()]
    boxes = [fig.get_tightbbox().transformed(fig.dpi_scale_trans), *(text.get_window_extent() for text in texts)]
    drawn = Bbox.union(boxes)
    inside = min(drawn.x0, drawn.y0, fig.bbox.width - drawn.x1, fig.bbox.height - drawn.y1) >= -SPILL * fig.dpi
    return inside and not any(_touching(ax) for ax in fig.axes)


def _touching(ax: Axes) -> bool:
    low, high = sorted(ax.get_xlim())
    labels = [tick.label1 for tick in ax.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    boxes = [label.get_window_extent() for label in labels if label.get_visible() and label.get_text()]
    return any(left.x1 > right.x0 for left, right in pairwise(sorted(boxes, key=lambda box: box.x0)))


def _panels(fig: Figure) -> list[Axes]:
    return [ax for ax in fig.axes if ax.get_subplotspec() is not None]


def _stack(fig: Figure) -> None:
    """Put panels that stand beside each other below each other, each with the labels that its neighbour had."""
    panels = _panels(fig)
    grid = GridSpec(len(panels), 1, figure=fig)
    for place, ax in enumerate(panels):
        ax.set_subplotspec(grid[place])
        ax.tick_params(labelleft=True, labelbottom=ax.xaxis.get_tick_params().get("labelbottom", True))
        if not ax.get_ylabel() and panels[0].get_ylabel() and ax.get_shared_y_axes().joined(ax, panels[0]):
            ax.set_ylabel(panels[0].get_ylabel())


def _fewer_dates(ax: Axes) -> None:
    locator = ax.xaxis.get_major_locator()
    if isinstance(locator, mdates.AutoDateLocator):
        formatter = ax.xaxis.get_major_formatter()
        ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=2, maxticks=DATES))
        ax.xaxis.set_major_formatter(formatter)


def _wrap_axis_names(ax: Axes) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_label_text(textwrap.fill(axis.get_label_text(), WIDEST[axis.axis_name]))


def _wrap_head(ax: Axes) -> None:
    letters = int(ax.bbox.width / (ax.figure.dpi / 72) / HEAD_LETTER)
    for place in ("left", "center"):
        if ax.get_title(loc=place):
            ax.set_title(textwrap.fill(ax.get_title(loc=place), letters), loc=place)


def _wrap_columns(ax: Axes) -> float:
    """Break names of columns that touch, make words in cells fit them; return the points of height that asks for."""
    if not _touching(ax):
        return 0.0
    labels = [label.get_text() for label in ax.get_xticklabels()]
    column = ax.bbox.width / len(labels)
    wrapped = [textwrap.fill(" ".join(text.split()), int(column / (ax.figure.dpi / 72) / LETTER)) for text in labels]
    ax.set_xticks(ax.get_xticks(), wrapped)
    for text in (one for one in ax.texts if type(one) is Text and one.get_ha() == "center"):  # what stands in cells
        wide = text.get_window_extent().width
        text.set_fontsize(text.get_fontsize() * min(1.0, CELL * column / wide)) if wide else None
    return LINE * max(text.count("\n") for text in wrapped)


def _wrap_spilled(ax: Axes, fig: Figure) -> float:
    """Break texts that leave the canvas sideways; return how many times as many lines the longest of them then has."""
    before = after = 1
    for text in ax.texts:
        box, words = text.get_window_extent(), text.get_text()
        room = min(box.x1, fig.bbox.width) - max(box.x0, 0.0)
        longest = max(map(len, words.split("\n")))
        if words and room < box.width:
            text.set_text(textwrap.fill(" ".join(words.split()), max(SHORTEST, int(longest * room / box.width) - 1)))
        before = max(before, words.count("\n") + 1)
        after = max(after, text.get_text().count("\n") + 1)
    return after / before


def _wrap_rows(ax: Axes, fig: Figure) -> float:
    """Break the long names of rows, so that they leave room for the rows; return the points of height that asks for."""
    labels = [label.get_text() for label in ax.get_yticklabels()]
    if all(len(text) <= LONGEST for text in labels):
        return 0.0
    wrapped = [textwrap.fill(" ".join(text.split()), LONGEST) for text in labels]
    ax.set_yticks(ax.get_yticks(), wrapped)
    lines = sum(text.count("\n") + 1 for text in wrapped)
    needed = lines * LINE + len(wrapped) * LINE / 3
    return max(0.0, needed - ax.get_position().height * fig.get_size_inches()[1] * 72)
