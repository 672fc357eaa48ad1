"""One verb for each mark on a figure: lines, bands, bars, dots, steps, marked days, tinted tables.

Every verb names what it draws by its meaning (`palette.MEANINGS`), so that the same thing has the same colour through
the whole book, and labels it directly. Missing values stay gaps, or are said; nothing is smoothed, summed or filled.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from attrition import wording
from attrition.figures.axes import DAY_LABEL, END_GAP, END_LABEL, dates, from_zero
from attrition.figures.palette import BAND_OPACITY, CELL_OPACITY, FigureError, colour

DASHES = (0, (4, 2))
DOTS = (0, (1, 2))
ROOM_FOR_TEXT = 0.12  # share of an axis kept free for numbers and labels above the highest mark
LABEL_CHARACTERS = 18  # direct labels are broken into lines of this length


def line(
    ax: Axes,
    x,
    y,
    *,
    meaning: str,
    label: str | None = None,
    dashed: bool = False,
    thin: bool = False,
    peak: bool = False,
) -> None:
    """Draw a line; `dashed` for what is projected, `thin` for raw data behind something smoother.

    Parameters
    ----------
    x, y : sequences of one length
        Days or numbers, and values; a missing value leaves a gap.
    meaning : str
        Key of `palette.MEANINGS`, or "muted" for context.
    label : str, optional
        Written to the right of the last known point, or with `peak` above the highest one.
    """
    x, y = _pair(ax, x, y)
    ax.plot(x, y, color=colour(meaning), linestyle=DASHES if dashed else "-", linewidth=1.1 if thin else 2.2)
    if label and peak:
        top = int(np.nanargmax(y))
        label_at(ax, x[top], y[top], label, meaning)
        ax.margins(y=ROOM_FOR_TEXT)
    else:
        _label_last(ax, x, y, label, meaning)


def steps(ax: Axes, x, y, *, meaning: str, label: str | None = None) -> None:
    """Draw levels that hold from each x until the next, such as the mean of each regime."""
    x, y = _pair(ax, x, y)
    ax.step(x, y, where="post", color=colour(meaning), linewidth=2.6)
    _label_last(ax, x, y, label, meaning)


def band(ax: Axes, x, lower, upper, *, meaning: str, level: float, label: str | None = None) -> None:
    """Draw an uncertainty band and name its level at its upper end ("90 % interval"); an empty label leaves it out.

    `level` is the share (0 to 1) of cases the band should hold. Draw wide bands before narrow ones.
    """
    x, lower = _pair(ax, x, lower)
    _, upper = _pair(ax, x, upper)
    if bool((upper < lower).any()):
        raise FigureError("A band runs from lower to upper, but its lower limit lies above the upper: swap them.")
    ax.fill_between(x, lower, upper, color=colour(meaning), alpha=BAND_OPACITY, linewidth=0)
    words = f"{wording.percent(level)} interval" if label is None else label
    _label_last(ax, x, upper, words, meaning)


def bars(
    ax: Axes,
    x,
    y,
    *,
    meaning: str | Sequence[str],
    values: Callable[[float], str] | None = None,
    horizontal: bool = False,
) -> None:
    """Draw bars from zero for categories or days; a missing value reads "not known".

    Parameters
    ----------
    x, y : sequences of one length
        Categories or days, and values.
    meaning : str or sequence of str
        One for all bars, or one for each.
    values : callable, optional
        Writes the value at the end of its bar, for instance `wording.number`.
    horizontal : bool
        For long names of categories, the first on top.
    """
    places, width, y = _places(ax, x, y, horizontal)
    colours = [colour(one) for one in ([meaning] * len(y) if isinstance(meaning, str) else meaning)]
    draw = ax.barh if horizontal else ax.bar
    drawn = draw(places, np.nan_to_num(y), width, color=colours)
    say = values or (lambda _: "")
    words = [wording.missing(value, say) for value in y]
    ax.bar_label(drawn, words, padding=3, color=colour("ink"))
    from_zero(ax, "x" if horizontal else "y")
    if values is not None:
        ax.grid(visible=False)
        ax.margins(**{"x" if horizontal else "y": ROOM_FOR_TEXT})


def dots(
    ax: Axes, x, y, *, meaning: str, lower=None, upper=None, label: str | None = None, horizontal: bool = False
) -> None:
    """Draw dots, with whiskers where `lower` and `upper` are given (both or none).

    With `horizontal`, x are categories down the side and y their values. The label stands at the last dot.
    """
    if (lower is None) != (upper is None):
        raise FigureError("Whiskers have two ends, but only one of lower and upper was found: pass both.")
    if horizontal:
        x, _, y = _places(ax, x, y, horizontal)
        ax.margins(x=0.05)
    else:
        x, y = _pair(ax, x, y)
    reach = None if lower is None else _whiskers(y, lower, upper)
    spread = {"xerr" if horizontal else "yerr": reach}
    at = (y, x) if horizontal else (x, y)
    ax.errorbar(*at, **spread, fmt="o", markersize=7, color=colour(meaning), elinewidth=1.6)
    _label_last(ax, *at, label, meaning)


def level_line(ax: Axes, value: float, text: str, *, axis: str = "y") -> None:
    """Draw a dotted line across at a value to compare with, and say at its end what it is."""
    draw = ax.axhline if axis == "y" else ax.axvline
    draw(value, color=colour("muted"), linewidth=1.2, linestyle=DOTS, zorder=1.5)
    if axis == "y":
        _end_label(ax, (1, value), text, "muted", xycoords=ax.get_yaxis_transform())
    else:
        _day_label(ax, value, text)


def mark_days(ax: Axes, events: Mapping | pd.Series) -> None:
    """Mark days with hairlines, their short labels above in rows that do not overlap.

    Draw the data first: events outside the days shown are left out. `events` maps days to labels.
    """
    if not ax.has_data():
        raise FigureError("Days are marked on data, but the axes are empty: draw the series before mark_days.")
    first, last = ax.get_xlim()
    for when, text in sorted((pd.Timestamp(day), str(text)) for day, text in dict(events).items()):
        place = ax.convert_xunits(when.to_datetime64())
        if first <= place <= last:
            ax.axvline(place, color=colour("muted"), linewidth=0.9, linestyle=DOTS, zorder=1.5)
            _day_label(ax, place, text)


def label_end(ax: Axes, x, y, text: str, meaning: str) -> None:
    """Write a direct label to the right of a point; labels that would touch are moved apart later."""
    _end_label(ax, (ax.convert_xunits(x), y), text, meaning)


def label_at(ax: Axes, x, y, text: str, meaning: str = "ink", *, ha: str = "center") -> None:
    """Write a direct label just above a point inside the axes."""
    ax.annotate(
        text, (ax.convert_xunits(x), y), (0, 5), textcoords="offset points", ha=ha, va="bottom",
        color=colour(meaning), bbox={"facecolor": colour("paper"), "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
    )  # fmt: skip


def heatmap(
    ax: Axes,
    frame: pd.DataFrame,
    *,
    meaning: str,
    below: str | None = None,
    centre: float = 0.0,
    words: Callable[[float], str] = wording.number,
) -> None:
    """Draw a table whose cells are tinted by how far they lie from `centre`, each with its number in words.

    Parameters
    ----------
    frame : DataFrame
        Numbers; the index names the rows, the columns the columns. A missing cell reads "not known".
    meaning, below : str
        Colour of cells above the centre, and of cells below it (by default untinted).
    centre : float
        The value without tint.
    """
    table = frame.astype(float)
    reach = float(np.nanmax(np.abs(table.to_numpy() - centre))) or 1.0
    for row, values in enumerate(table.to_numpy()):
        for column, value in enumerate(values):
            tint = _tint(value, centre, reach, meaning, below)
            ax.add_patch(Rectangle((column, row), 1, 1, facecolor=tint, edgecolor=colour("paper"), linewidth=1.5))
            text = wording.missing(value, words)
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=colour("ink"))
    ax.set(xlim=(0, table.shape[1]), ylim=(table.shape[0], 0))
    ax.set_xticks(np.arange(table.shape[1]) + 0.5, [str(name) for name in table.columns])
    ax.set_yticks(np.arange(table.shape[0]) + 0.5, [str(name) for name in table.index])
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)


def _pair(ax: Axes, x, y) -> tuple:
    """Return x and y as arrays of one length; days give the axes a scale of dates."""
    x = x.to_timestamp() if isinstance(x, pd.PeriodIndex) else pd.Index(x)
    y = _values(y)
    if len(x) != len(y) or not len(x):
        raise FigureError(f"A mark needs as many x as y and at least one, but found {len(x)} and {len(y)}: align them.")
    if not np.isfinite(y).any():
        raise FigureError("A mark needs a known value, but all are missing: say so in the text, and draw nothing.")
    if x.dtype == object:
        x = pd.DatetimeIndex(x)
    if isinstance(x, pd.DatetimeIndex) and not ax.xaxis.have_units():
        ax.xaxis.update_units(x.to_numpy())
        dates(ax)
    return x.to_numpy(), y


def _values(y) -> np.ndarray:
    """Return numbers as floats, whatever marks the missing ones."""
    return pd.Series(y).to_numpy(dtype=float, na_value=np.nan)


def _places(ax: Axes, x, y, horizontal: bool) -> tuple:
    """Return where bars stand, how wide they are and their values; categories name their own ticks."""
    x = x.to_timestamp() if isinstance(x, pd.PeriodIndex) else pd.Index(x)
    if isinstance(x, pd.DatetimeIndex) and not horizontal:
        places, y = _pair(ax, x, y)
        return places, 0.8 * (pd.Series(x).diff().min() if len(x) > 1 else pd.Timedelta(days=1)), y
    places, y = np.arange(len(x)), _values(y)
    if len(x) != len(y) or not len(x):
        raise FigureError(f"Bars need as many x as y and at least one, but found {len(x)} and {len(y)}: align them.")
    (ax.set_yticks if horizontal else ax.set_xticks)(places, [str(name) for name in x])
    ax.tick_params(axis="y" if horizontal else "x", length=0)
    if horizontal:
        ax.set_ylim(len(x) - 0.4, -0.6)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
    return places, 0.66, y


def _whiskers(y: np.ndarray, lower, upper) -> np.ndarray:
    reach = np.array([y - _values(lower), _values(upper) - y])
    if bool((reach < 0).any()):
        raise FigureError("Whiskers enclose their dot, but one lies outside lower to upper: pass the ends themselves.")
    return reach


def _tint(value: float, centre: float, reach: float, meaning: str, below: str | None) -> tuple:
    """Return the colour and opacity of a cell."""
    hue = meaning if value >= centre else below
    strength = 0.0 if hue is None or not np.isfinite(value) else abs(value - centre) / reach
    return to_rgba(colour(hue or meaning), CELL_OPACITY * strength)


def _label_last(ax: Axes, x, y, label: str | None, meaning: str) -> None:
    if label:
        last = np.flatnonzero(np.isfinite(np.asarray(y, dtype=float)))[-1]
        _end_label(ax, (ax.convert_xunits(x[last]), y[last]), label, meaning)


def _end_label(ax: Axes, point, text: str, meaning: str, **options) -> None:
    words = textwrap.fill(text, LABEL_CHARACTERS)
    ax.annotate(
        words, point, (END_GAP, 0), textcoords="offset points", va="center", ha="left", annotation_clip=False,
        color=colour(meaning), label=END_LABEL, linespacing=1.1, **options,
    )  # fmt: skip


def _day_label(ax: Axes, place, text: str) -> None:
    leader = {"arrowstyle": "-", "color": colour("muted"), "linewidth": 0.9, "linestyle": DOTS, "shrinkA": 0}
    ax.annotate(
        text, (place, 1), (0, 4), xycoords=ax.get_xaxis_transform(), textcoords="offset points", ha="left",
        va="bottom", annotation_clip=False, color=colour("muted"), label=DAY_LABEL,
        arrowprops={**leader, "shrinkB": 0, "relpos": (0, 0)},
    )  # fmt: skip
