"""How many runs a minute a sweep does: ours on two workers beside a shell loop of papermill's command.

Both run the same chapter with the same parameters. The loop is measured on fewer runs, as each takes what the one
before took; the sweep's time holds the start and the end of its cluster, its tables and its page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from attrition import build
from attrition.editions import edition

ROOT = Path(__file__).parents[1]
CHAPTER, VARIED, ENDS = "manpower_balance", "return_share", (0.3, 0.6)
RUNS, LOOPED, JOBS = 100, 4, 2


def compare(say: Callable[[str], None], runs: int = RUNS, looped: int = LOOPED, chapter: str = CHAPTER) -> str:
    """Measure both ways and say what was found, in a sentence with the ratio of runs a minute."""
    with tempfile.TemporaryDirectory() as folder:
        loop = looped / in_a_loop(Path(folder), looped, chapter) * 60
        say(f"papermill in a loop: {loop:.2f} runs a minute")
        ours = runs / as_a_sweep(Path(folder), runs, chapter) * 60
        say(f"sweep: {ours:.2f} runs a minute")
    return (
        f"{chapter}, {runs} runs in a sweep of {JOBS} workers beside {looped} in a shell loop of papermill: "
        f"{ours:.2f} and {loop:.2f} runs a minute, {ours / loop:.2f} times the throughput."
    )


def as_a_sweep(folder: Path, runs: int, chapter: str) -> float:
    """Seconds of our command, its start included."""
    steps = {"from": ENDS[0], "to": ENDS[1], "steps": runs}
    file = folder / "sweep.yml"
    file.write_text(yaml.safe_dump({"chapter": chapter, "grid": {VARIED: steps}}))
    words = ["-m", "attrition", "sweep", str(file), "--jobs", str(JOBS), "--out", str(folder / "out")]
    return _seconds([sys.executable, *words])


def in_a_loop(folder: Path, runs: int, chapter: str) -> float:
    """Seconds of papermill's command, once for each run."""
    one = next(one for one in build.chapters(ROOT) if one.name == chapter)
    given = edition.load(None, ROOT / "editions").given(chapter, one.defaults)
    words = [word for name, value in given.items() if name != VARIED for word in ("-p", name, str(value))]
    total = 0.0
    for number in range(runs):
        share = ENDS[0] + (ENDS[1] - ENDS[0]) * number / max(1, runs - 1)
        where = ["--cwd", str(ROOT / "notebooks"), "--no-progress-bar"]
        command = [str(one.path), str(folder / f"{number}.ipynb"), *where, *words, "-p", VARIED, f"{share:g}"]
        total += _seconds([sys.executable, "-m", "papermill", *command])
    return total


def _seconds(command: list[str]) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment["ATTRITION_ROOM"] = str(ROOT / "data")
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]} failed: {done.stdout[-800:]}{done.stderr[-800:]}")
    return time.perf_counter() - started


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:3]]
    print(compare(lambda line: print(line, file=sys.stderr), *counts))
