"""Ratios measured side by side: `make bench` writes them to bench/results.md.

Each measure runs the two ways in turn, several times, and compares medians: on a busy machine seconds mislead, ratios
of neighbours hardly do. A measure says in its name what is compared, the slower way second.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import papermill
from jupyter_core.utils import ensure_event_loop

from attrition import kernels
from attrition.files import write_atomically
from attrition.models import balance

sys.path.insert(0, str(Path(__file__).parent))
import sweeps

import book

RESULTS = Path(__file__).parent / "results.md"
ROUNDS = 5
DRAWS, MONTHS, SLOW_DRAWS = 100_000, 36, 50
BALANCE = balance.Parameters(
    force=(650_000, 700_000, 750_000),
    recruits=(30_000, 34_000, 38_000),
    casualties=(30_000, 35_000, 40_000),
    wounded_per_killed=(2.0, 2.5, 3.0),
    return_share=(0.3, 0.45, 0.6),
    recruits_step_sd=0.05,
    casualties_step_sd=0.05,
)
IMPORTS = "import pandas, seaborn, statsmodels.api"


@dataclass(frozen=True)
class Measure:
    """Two ways to do one thing, and how much of it each does in a run."""

    name: str
    unit: str
    fast: Callable[[], float]
    slow: Callable[[], float]


def futures_at_once() -> float:
    """Futures a second, all drawn together."""
    return DRAWS / seconds(lambda: balance.simulate(BALANCE, months=MONTHS, draws=DRAWS, seed=1))


def futures_one_by_one() -> float:
    """Futures a second, one call for each."""
    return SLOW_DRAWS / seconds(
        lambda: [balance.simulate(BALANCE, months=MONTHS, draws=1, seed=seed) for seed in range(SLOW_DRAWS)]
    )


def notebooks_warm() -> float:
    """Notebooks a second that import the libraries, in forked kernels."""
    return 1 / seconds(lambda: run_notebook(warm=True))


def notebooks_ordinary() -> float:
    """The same in papermill's own kernels."""
    return 1 / seconds(lambda: run_notebook(warm=False))


def run_notebook(*, warm: bool) -> None:
    """Let papermill run a notebook of one cell that imports the libraries."""
    import nbformat

    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(IMPORTS)], metadata=spec)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.ipynb"
        nbformat.write(notebook, path)
        quiet = ["--IPKernelApp.log_level=CRITICAL"]
        options = {"kernel_name": "python3", "progress_bar": False, "extra_arguments": quiet}
        forked = {"kernel_manager_class": kernels.manager(os.environ)} if warm else {}
        papermill.execute_notebook(path, path, **options, **forked)


MEASURES = (
    Measure(
        f"manpower balance, {MONTHS} months: all futures together / one at a time",
        "futures a second",
        futures_at_once,
        futures_one_by_one,
    ),
    Measure("a notebook that imports the libraries: warm kernel / ordinary kernel", "notebooks a second",
            notebooks_warm, notebooks_ordinary),
)  # fmt: skip


def seconds(work: Callable) -> float:
    """Time that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measured(measure: Measure, rounds: int = ROUNDS) -> tuple[float, float]:
    """Medians of both ways, run in turn, after one run of each that does not count."""
    measure.fast(), measure.slow()
    pairs = [(measure.fast(), measure.slow()) for _ in range(rounds)]
    return tuple(statistics.median(side) for side in zip(*pairs, strict=True))


def machine() -> str:
    """What it was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "pandas", "papermill"))
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}, {libraries}"


def report(rows: list[tuple[Measure, float, float]], books: list[tuple[str, float, float]], told: str) -> str:
    """The page of results."""
    head = [
        "# Measured side by side",
        "",
        f"Medians of {ROUNDS} runs of each way in turn, by `make bench`. {machine()}.",
        "",
        "| what is compared | unit | first way | second way | ratio |",
        "|---|---|---:|---:|---:|",
    ]
    table = [
        "",
        "## The book",
        "",
        told,
        "",
        "| what is compared | first way | second way | ratio |",
        "|---|---:|---:|---:|",
    ]
    table += [f"| {name} | {digits(a)} s | {digits(b)} s | {digits(b / a)} |" for name, a, b in books]
    return "\n".join([*head, *(row_text(*row) for row in rows), *table]) + "\n"


def row_text(measure: Measure, fast: float, slow: float) -> str:
    """One row of the table."""
    return f"| {measure.name} | {measure.unit} | {digits(fast)} | {digits(slow)} | {digits(fast / slow)} |"


def digits(number: float) -> str:
    """Three significant digits."""
    return f"{float(np.format_float_positional(number, precision=3, fractional=False)):,g}" if number else "0"


def options() -> argparse.Namespace:
    """What may be measured less often, or in part; results of a part are printed and not written."""
    known = argparse.ArgumentParser(description="Measure ratios side by side.")
    known.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each way builds the book")
    known.add_argument("--chapters", nargs="*", metavar="NAME", help="a book of these chapters only")
    known.add_argument("--book-only", action="store_true", help="leave the other measures out")
    return known.parse_args()


def say(line: str) -> None:
    """Tell how far it is."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure everything and write the results."""
    wanted, rows = options(), []
    with tempfile.TemporaryDirectory() as folder:
        tried = book.Book(Path(folder), wanted.chapters)
        books = book.compare(tried, wanted.rounds, say)
        peak = tried.peak() / 2**30
    for measure in () if wanted.book_only else MEASURES:
        rows.append((measure, *measured(measure)))
        say(row_text(*rows[-1]))
    what = (
        f"{len(tried.chapters)} chapters, medians of {wanted.rounds} runs of each way in turn, seconds of wall clock."
    )
    swept = sweeps.compare(say)
    told = f"{what} A build from nothing holds at most {peak:.2f} GiB in all its processes together."
    text = report(rows, books, told) + f"\n## Sweeps\n\n{swept}\n"
    loop = ensure_event_loop()
    if not loop.is_running():
        loop.close()
    if wanted.chapters or wanted.book_only:
        print(text)
        return
    write_atomically(RESULTS, text)
    print(f"Written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
