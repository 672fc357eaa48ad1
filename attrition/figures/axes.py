"""Empty figures in the house style, and what stands around the data: axes, dates, numbers, labels that keep apart.

Text is measured here and moved until nothing overlaps (`settle`), because a label that was placed by hand is wrong as
soon as a parameter changes. The data are drawn by `drawing`.
"""

from itertools import product

import matplotlib.dates as mdates
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.ticker import Formatter, FuncFormatter, NullLocator
from matplotlib.transforms import Bbox

from attrition import wording
from attrition.figures.palette import COLOURS, LOOK, POINT, WIDTH, FigureError

STYLE = ("default", LOOK)
LINE_HEIGHT = 15.0  # points from one line of small text to the next
LOG_WORDS = ", log scale"
END_LABEL, DAY_LABEL, NAME_LABEL = "_end", "_day", "_name"  # what marks the texts that `settle` moves
LABEL_GAP = 4  # points between the axes and a label above them
END_GAP = 6  # points between the end of a line and its label
ALIGNED_WITHIN = 16  # pixels: labels that begin nearer to each other than this begin at one edge
MOST_TRIED = 8  # labels of days for which every choice of sides is tried


def canvas(
    rows: int = 1,
    columns: int = 1,
    *,
    height: int | None = None,
    width: int = WIDTH,
    share_x: bool = True,
    share_y: bool = True,
) -> tuple[Figure, Axes | list[Axes]]:
    """Open an empty figure: one pair of axes, or a list of them in reading order.

    Parameters
    ----------
    rows, columns : int
        Panels down and across.
    height, width : int
        Pixels of the page. Keep the width: type is sized for it, legible at 720 pixels and still at 340.
    share_x, share_y : bool
        Whether all panels have the same axes, so that they can be compared by eye.
    """
    if rows < 1 or columns < 1:
        raise FigureError(f"A figure has at least one panel, but {rows} by {columns} was asked: count from one.")
    height = height or (400 if rows == 1 else 80 + 210 * rows)
    matplotlib.style.use(STYLE)
    fig = Figure(figsize=(width * POINT / 72, height * POINT / 72), layout="constrained")
    panels = fig.subplots(rows, columns, sharex=share_x, sharey=share_y, squeeze=False).ravel().tolist()
    return fig, panels[0] if len(panels) == 1 else panels


def name_axes(ax: Axes, *, x: str | None = None, y: str | None = None) -> None:
    """Name the axes in lower case, with the unit in parentheses: "losses (soldiers a week)".

    The name of the upright axis is written level above it. Scales that are not linear are named by `log_axis`.
    """
    for axis, text in ((ax.xaxis, x), (ax.yaxis, y)):
        if text is None:
            continue
        if not text.strip() or (text[0].isupper() and text[1:2].islower()):
            raise FigureError(f"An axis is named in lower case, but {text!r} was found: write 'losses (soldiers)'.")
        axis.set_label_text(text + (LOG_WORDS if axis.get_scale() == "log" else ""))


def head(ax: Axes, text: str) -> None:
    """Name one panel of several, above its axes."""
    ax.set_title(text)


def log_axis(ax: Axes, axis: str = "y") -> None:
    """Make an axis logarithmic and say so in its name."""
    chosen = _axis(ax, axis)
    getattr(ax, f"set_{axis}scale")("log")
    chosen.set_major_formatter(FuncFormatter(lambda value, _: wording.number(value)))
    chosen.set_minor_locator(NullLocator())
    if chosen.get_label_text():
        chosen.set_label_text(chosen.get_label_text().removesuffix(LOG_WORDS) + LOG_WORDS)


def thousands(ax: Axes, axis: str = "y") -> None:
    """Write the numbers of an axis as the book writes numbers: 12,000."""
    _axis(ax, axis).set_major_formatter(FuncFormatter(lambda value, _: wording.number(round(value, 9))))


def percents(ax: Axes, axis: str = "y") -> None:
    """Write the shares of an axis as percentages: 12 %."""
    words = lambda value, _: wording.percent(round(value, 9), beyond=True)  # noqa: E731
    _axis(ax, axis).set_major_formatter(FuncFormatter(words))


def from_zero(ax: Axes, axis: str = "y") -> None:
    """Let an axis of amounts begin at zero, with a line there; room for larger values is still found by itself."""
    _axis(ax, axis)
    ground = (ax.axhline if axis == "y" else ax.axvline)(0, color=COLOURS["ink"].light, linewidth=1.0, zorder=1.5)
    getattr(ground.sticky_edges, axis).append(0)


def dates(ax: Axes, axis: str = "x") -> None:
    """Write an axis of days by years, months or days, whichever the stretch of time asks for."""
    chosen = _axis(ax, axis)
    chosen.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=7))
    chosen.set_major_formatter(DateWords())


class DateWords(Formatter):
    """Labels for a row of dates: a year is written once, at its first label."""

    def format_ticks(self, values) -> list[str]:
        """Write all labels of an axis together."""
        days = [mdates.num2date(value).date() for value in values]
        if all((day.month, day.day) == (1, 1) for day in days):
            return [str(day.year) for day in days]
        short, long = (_month_name, wording.short_month), (_day_name, wording.short_day)
        name, with_year = short if all(day.day == 1 for day in days) else long
        years = [None, *(day.year for day in days)]
        return [with_year(day) if day.year != before else name(day) for day, before in zip(days, years, strict=False)]

    def __call__(self, value, pos=None) -> str:
        """Write a single date."""
        return wording.short_day(mdates.num2date(value))


def settle(fig: Figure) -> None:
    """Lay the figure out and move its labels apart, then keep it so: doing it twice changes nothing."""
    fig.draw_without_rendering()
    for ax in fig.axes:
        _stack_day_labels(ax)
        _name_upright(ax)
    _align_heads(fig)
    for _ in range(2):  # labels take room, which moves the axes, which moves the labels
        fig.draw_without_rendering()
        for ax in fig.axes:
            _spread_end_labels(ax)
    fig.set_layout_engine(None)  # a placeholder would have every file of the figure drawn twice


def _axis(ax: Axes, axis: str):
    if axis not in ("x", "y"):
        raise FigureError(f"An axis is 'x' or 'y', but {axis!r} was found: name one of the two.")
    return ax.xaxis if axis == "x" else ax.yaxis


def _month_name(day) -> str:
    return wording.short_month(day).split()[0]


def _day_name(day) -> str:
    return " ".join(wording.short_day(day).split()[:2])


def _marked(ax: Axes, mark: str) -> list:
    return [text for text in ax.texts if text.get_label() == mark and text.get_visible()]


def _box(text: Annotation) -> Bbox:
    """Return the place of a text, without the line that leads to it."""
    text.get_window_extent()
    return Text.get_window_extent(text)


def _stack_day_labels(ax: Axes) -> None:
    """Write the labels of days to the right or left of their lines, in as few rows as keep text and lines apart."""
    texts = _marked(ax, DAY_LABEL)
    marks = [(ax.transData.transform((text.xy[0], 0))[0], _box(text).width + 6) for text in texts]
    frame = ax.get_window_extent()
    sides = product((True, False), repeat=len(marks)) if len(marks) <= MOST_TRIED else [(True,) * len(marks)]
    plans = (_stack(marks, rightward, frame.x0, frame.x1) for rightward in sides)
    _, _, _, rightward, rows = min((plan for plan in plans if plan), default=(0, 0, 0, (), ()))
    for text, right, row in zip(texts, rightward, rows, strict=True):
        text.set(ha="left" if right else "right", position=(0, LABEL_GAP + row * LINE_HEIGHT))
        text.arrow_patch.set_visible(row > 0)
        text.arrowprops["relpos"] = text._arrow_relpos = (0 if right else 1, 0)


def _stack(marks: list, rightward: tuple, left: float, right: float) -> tuple | None:
    """Find the row of each label for given sides, and how good that is: less outside, fewer rows, more rightward.

    A label that another's line would cross stands above that other label; where two would have to stand above each
    other there is no plan.
    """
    spans = [(x, x + width) if side else (x - width, x) for (x, width), side in zip(marks, rightward, strict=True)]
    below = [[j for j in range(len(marks)) if _stands_above(i, j, marks, spans)] for i in range(len(marks))]
    rows = [0] * len(marks)
    for _ in range(len(marks) + 1):
        before, rows = rows, [1 + max((rows[j] for j in under), default=-1) for under in below]
        if rows == before:
            outside = sum(low < left or high > right for low, high in spans)
            return outside, max(rows, default=-1), rightward.count(False), rightward, rows
    return None


def _stands_above(one: int, other: int, marks: list, spans: list) -> bool:
    """Tell whether a label is crossed by another's line, or merely overlaps an earlier one."""
    (low, high), (other_low, other_high) = spans[one], spans[other]
    if one == other or low < marks[other][0] < high:
        return one != other
    return other < one and low < other_high and other_low < high and not other_low < marks[one][0] < other_high


def _name_upright(ax: Axes) -> None:
    """Write the name of the upright axis level above it, higher than the labels of days that it would meet."""
    name = next(iter(_marked(ax, NAME_LABEL)), None) or ax.annotate(
        "", (0, 1), (0, 0), xycoords="axes fraction", textcoords="offset points", va="bottom", label=NAME_LABEL
    )
    ax.yaxis.label.set_visible(False)
    name.set(text=ax.yaxis.get_label_text(), color=COLOURS["muted"].light)
    days = [(_box(text), text.get_position()[1]) for text in _marked(ax, DAY_LABEL)]
    end = _box(name).x1 + 6 if name.get_text() else 0
    points = max((height + LINE_HEIGHT for box, height in days if box.x0 < end), default=LABEL_GAP)
    name.set_position((0, points))
    lines = name.get_text().count("\n") + 1 if name.get_text() else 0
    ax.head_points = max([points + LINE_HEIGHT * lines, *(height + LINE_HEIGHT for _, height in days)])


def _align_heads(fig: Figure) -> None:
    """Lift the heads of a row of panels to one height, above whatever stands below any of them."""
    rows = {ax: ax.get_subplotspec().rowspan.start for ax in fig.axes if ax.get_subplotspec()}
    for ax, row in rows.items():
        points = max(other.head_points for other, place in rows.items() if place == row)
        if ax.get_title(loc="left"):
            ax.set_title(ax.get_title(loc="left"), loc="left", pad=points, y=1.0)


def _spread_end_labels(ax: Axes) -> None:
    """Move labels at the ends of lines apart, as little as that takes, and let neighbours begin at one edge."""
    texts = _marked(ax, END_LABEL)
    for text in texts:
        text.set_position((END_GAP, 0))
    boxes = sorted(((_box(text), text) for text in texts), key=lambda pair: pair[0].y0)
    points = 72 / ax.figure.dpi
    edge = max((box.x0 for box, _ in boxes), default=0)
    bottoms = _apart([(box.y0, box.height + 1) for box, _ in boxes])
    for (box, text), bottom in zip(boxes, bottoms, strict=True):
        aside = edge - box.x0 if edge - box.x0 < ALIGNED_WITHIN else 0
        text.set_position((END_GAP + aside * points, (bottom - box.y0) * points))


def _apart(wanted: list[tuple[float, float]]) -> list[float]:
    """Return lower edges without overlap for (lower edge, height), sorted, each group as near its wish as it can.

    Labels that would overlap form a group around their mean; groups that would overlap become one.
    """
    groups = []
    for low, height in wanted:
        group = [[low], [height]]
        while groups and _start(groups[-1]) + sum(groups[-1][1]) > _start(group):
            lows, heights = groups.pop()
            group = [lows + group[0], heights + group[1]]
        groups.append(group)
    return [_start(group) + sum(group[1][:place]) for group in groups for place in range(len(group[0]))]


def _start(group: list) -> float:
    """Return where a group of stacked labels begins, so that they miss their wishes equally up and down."""
    lows, heights = group
    return sum(low - sum(heights[:place]) for place, low in enumerate(lows)) / len(lows)
