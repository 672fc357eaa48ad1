"""How long the book takes: ours beside papermill's command in a loop and jupyter-book's own cached execution.

All ways run in turn, several times, in one copy of the project without published editions, since looking back on
these is work that the others do not do. Every command is a process of its own, its start included.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import yaml

from attrition import build, edition

ROOT = Path(__file__).parents[1]
EVERY_SECONDS = 0.1
JOBS = 2
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
LINK = re.compile(r"\[([^\]]+)\]\([#/][^)]*\)")  # to another page of the book
OURS_ALONE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from attrition import build, chapter, edition, parameters
root, jobs = Path.cwd(), int(sys.argv[1])
if __name__ == "__main__":
    chapter.warm_up()
    newest = edition.load(None, root / "editions")
    def one(book):
        given = parameters.validate(book.name, book.defaults, newest.given(book.name, book.defaults))
        chapter.run(book, given, root / "_build" / "alone", room=root / "data")
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, build.chapters(root)))
"""


class Book:
    """A copy of the project in which all ways are tried.

    Parameters
    ----------
    folder : Path
        Where the copy is made.
    chapters : list of str, optional
        Run only these, in a book of nothing else; by default all.
    """

    def __init__(self, folder: Path, chapters: list[str] | None = None):
        self.root = folder / "book"
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, tracked.split("\0")):
            if not name.startswith("editions/") or name.endswith(".yml"):
                target = self.root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target)
        self.chapters = [one.name for one in build.chapters(self.root) if not chapters or one.name in chapters]
        if chapters:
            self._shorten()
        self.environment = {**os.environ, "PYTHONPATH": str(self.root), "OMP_NUM_THREADS": "1"}
        self.environment |= {"ATTRITION_ROOM": str(self.root / "data")}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.newest = edition.load(None, self.root / "editions")
        self.steps = self.root / "_build" / "steps" / self.newest.name
        self.cached = folder / "cached"

    def seconds(self, *commands: list[str], where: Path | None = None) -> float:
        """Run commands one after the other and return how long that took.

        Raises
        ------
        RuntimeError
            With the end of what a command said that failed.
        """
        started = time.perf_counter()
        for command in commands:
            done = subprocess.run(command, cwd=where or self.root, env=self.environment, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)[:200]} failed: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return time.perf_counter() - started

    def ours(self, *words: str) -> list[str]:
        """Our command that builds the book."""
        return [sys.executable, "-m", "attrition", "build", "--jobs", str(JOBS), *words]

    def full(self) -> float:
        """A build from nothing."""
        shutil.rmtree(self.root / "_build", ignore_errors=True)
        return self.seconds(self.ours())

    def unchanged(self) -> float:
        """A build with nothing to do."""
        return self.seconds(self.ours())

    def one_parameter(self) -> float:
        """A build after one parameter of one chapter changed; another value each time."""
        chosen = self.newest.model_dump(mode="json")
        name = self.chapters[0]
        seed = chosen["parameters"].get(name, {}).get("seed", 0)
        chosen["parameters"][name] = {**chosen["parameters"].get(name, {}), "seed": seed + time.time_ns() % 10_000 + 1}
        file = self.root / "changed.yml"
        file.write_text(yaml.safe_dump(json.loads(json.dumps(chosen))))
        return self.seconds(self.ours("--edition", str(file)))

    def executed(self) -> float:
        """All chapters without the site, in warm kernels, two at a time."""
        shutil.rmtree(self.root / "_build" / "alone", ignore_errors=True)
        script = self.root / "alone.py"
        script.write_text(OURS_ALONE)
        return self.seconds([sys.executable, str(script), str(JOBS)])

    def loop(self) -> float:
        """The same chapters by papermill's command, one after the other."""
        return self.seconds(*(self._papermill(name) for name in self.chapters))

    def loop_and_site(self) -> float:
        """The same by papermill's command in a loop, and the pages by `jupyter-book build`; the stage is ours."""
        looped = self.loop()
        stage = self.root / "_build" / "looped"
        shutil.rmtree(stage, ignore_errors=True)
        shutil.copytree(self.steps / "stage", stage)
        for name in self.chapters:
            shutil.copy(self._out(name), stage / "notebooks")
        return looped + self.seconds(self._pages(stage))

    def cached_cold(self) -> float:
        """All by jupyter-book: it runs the notebooks with their defaults and keeps what they gave, by their cells."""
        shutil.rmtree(self.cached, ignore_errors=True)
        shutil.copytree(self.steps / "stage", self.cached)
        for name in self.chapters:
            shutil.copy(self.root / "notebooks" / f"{name}.ipynb", self.cached / "notebooks")
        config = self.cached / "_config.yml"
        text = config.read_text(encoding="utf-8").replace('execute_notebooks: "off"', "execute_notebooks: cache")
        config.write_text(text.replace("execute:", "execute:\n  timeout: 900", 1))
        return self.seconds(self._pages(self.cached))

    def cached_unchanged(self) -> float:
        """The same again with nothing to do."""
        return self.seconds(self._pages(self.cached))

    def peak(self) -> float:
        """Bytes that a build from nothing holds at most, all its processes together, what they share counted once."""
        shutil.rmtree(self.root / "_build", ignore_errors=True)
        running = subprocess.Popen(
            self.ours(), cwd=self.root, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        held, over = [0], threading.Event()

        def look():
            while not over.wait(EVERY_SECONDS):
                held.append(_held(running.pid))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        running.wait()
        over.set()
        thread.join()
        return float(max(held))

    def _papermill(self, name: str) -> list[str]:
        known = next(one for one in build.chapters(self.root) if one.name == name)
        given = self.newest.given(name, known.defaults)
        words = [word for key, value in given.items() for word in ("-p", key, str(value))]
        self._out(name).parent.mkdir(parents=True, exist_ok=True)
        notebook = str(self.root / "notebooks" / f"{name}.ipynb")
        quiet = ["--cwd", str(self.root / "notebooks"), "--no-progress-bar", "--kernel", "python3"]
        return [sys.executable, "-m", "papermill", notebook, str(self._out(name)), *quiet, *words]

    def _out(self, name: str) -> Path:
        return self.root / "_build" / "loop" / f"{name}.ipynb"

    def _pages(self, stage: Path) -> list[str]:
        return [sys.executable, "-c", JUPYTER_BOOK, "build", str(stage), "--path-output", str(stage / "out")]

    def _shorten(self) -> None:
        """Keep the chosen chapters, and pages that name no value of the others."""
        keep = {f"notebooks/{name}" for name in self.chapters} | {"sources", "definitions", "values", "data", "changes"}
        toc = "format: jb-book\nroot: book/index\nchapters:\n"
        (self.root / "_toc.yml").write_text(toc + "".join(f"  - file: {name}\n" for name in sorted(keep)))
        for path in (self.root / "book").glob("*.md"):
            path.unlink()
        (self.root / "book" / "index.md").write_text("# Is it so?\n\nThat is asked here.\n")
        for name in self.chapters:
            path = self.root / "notebooks" / f"{name}.ipynb"
            content = json.loads(path.read_text(encoding="utf-8"))
            for cell in content["cells"]:
                if cell["cell_type"] == "markdown":
                    cell["source"] = LINK.sub(r"\1", "".join(cell["source"]))
            path.write_text(json.dumps(content), encoding="utf-8")
        for path in (self.root / "editions").glob("*.yml"):
            told = yaml.safe_load(path.read_text(encoding="utf-8"))
            kept = {name: text for name, text in told.get("parameters", {}).items() if name in self.chapters}
            path.write_text(yaml.safe_dump({**{k: v for k, v in told.items() if k != "shared"}, "parameters": kept}))


def _held(pid: int) -> int:
    """Bytes held by a process and all it started; shared ones count in parts."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0
    for one in family:
        try:
            told = one.memory_full_info()
            total += getattr(told, "pss", told.rss)
        except psutil.Error:
            continue
    return total


def compare(book: Book, rounds: int, say: Callable[[str], None]) -> list[tuple[str, float, float]]:
    """Measure every way in turn; return what is compared with the median seconds of both."""
    ways = (
        *("full", "unchanged", "one_parameter", "executed", "loop", "loop_and_site"),
        *("cached_cold", "cached_unchanged"),
    )
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in ways:
            found[name].append(getattr(book, name)())
            say(f"round {number + 1}, {name}: {found[name][-1]:.1f} s")
    middle = {name: statistics.median(times) for name, times in found.items()}
    pairs = (
        (f"all chapters: warm kernels, {JOBS} at a time / papermill's command in a loop", "executed", "loop"),
        ("whole book from nothing: ours / papermill in a loop and jupyter-book", "full", "loop_and_site"),
        ("whole book from nothing: ours / jupyter-book's own execution", "full", "cached_cold"),
        ("nothing changed: ours / our full build", "unchanged", "full"),
        (
            "nothing changed: ours / jupyter-book's cache, which does not notice new data",
            "unchanged",
            "cached_unchanged",
        ),
        ("one parameter changed: ours / our full build", "one_parameter", "full"),
    )
    return [(name, middle[fast], middle[slow]) for name, fast, slow in pairs]
