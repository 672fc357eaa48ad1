"""Limits of time and memory: a notebook that goes beyond them ends, says why, and is kept; others go on."""

import json
import os
import sys
import time

import pytest

from attrition import chapter, edition, kernels, limits
from attrition.chapter import ChapterError
from attrition.limits import LimitError, Limits
from notebooks import write

HANG = "import os, time\nprint('pid', os.getpid(), flush=True)\nwhile True:\n    time.sleep(0.05)"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
BIG = "import numpy as np\nwaste = np.ones(400_000_000)"  # 3.2 GB
CHILD = (
    "import subprocess, sys\n"
    "code = 'import time; held = bytearray(range(256)) * 1_400_000; time.sleep(60)'\n"
    "both = [subprocess.Popen([sys.executable, '-c', code]) for _ in range(2)]\n"
    "[one.wait() for one in both]"
)
SHORT, SMALL = Limits(minutes=0.08), Limits(memory_gb=0.6)


@pytest.fixture(params=["warm", "plain"])
def kind(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setenv(kernels.ORDINARY, "1")
    return request.param


def execute(tmp_path, *sources, within=None):
    one = chapter.load(write(tmp_path / "n" / "a.ipynb", "print('before')", *sources))
    (tmp_path / "room").mkdir(exist_ok=True)
    return chapter.run(one, one.defaults, tmp_path / "work", room=tmp_path / "room", within=within)


def kept(tmp_path):
    """What the partial notebook printed."""
    cells = json.loads((tmp_path / "work" / "failed" / "a.ipynb").read_text())["cells"]
    return "".join("".join(out.get("text", ())) for cell in cells for out in cell.get("outputs", ()))


def test_a_notebook_that_hangs_ends_with_its_cell_and_the_limit(tmp_path, kind):
    with pytest.raises(ChapterError) as stop:
        execute(tmp_path, DEAF + HANG, within=SHORT)
    told = str(stop.value)
    assert told.startswith("Chapter a stopped at cell 4: it had not ended after 0.08 minutes, the limit for a")
    assert "raise it with --minutes" in told and told.endswith("failed/a.ipynb.") and told.count("\n") == 0
    assert "before" in kept(tmp_path)
    pid = int(kept(tmp_path).split("pid")[1])
    assert not alive(pid)


def test_the_limit_is_for_the_notebook_and_not_for_each_cell(tmp_path):
    with pytest.raises(ChapterError, match="stopped at cell [4-6]: it had not ended"):
        execute(tmp_path, *["import time\ntime.sleep(3)"] * 3, within=SHORT)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses memory to another process")
def test_memory_beyond_the_limit_is_refused_to_the_cell_that_asks(tmp_path, kind):
    with pytest.raises(ChapterError) as stop:
        execute(tmp_path, BIG, within=Limits(memory_gb=2))
    told = str(stop.value)
    assert "stopped at cell 4: it wanted more than 2 GB of memory, the limit for a chapter: Unable to allocate" in told
    assert "before" in kept(tmp_path)


def test_memory_of_the_processes_it_starts_counts(tmp_path):
    with pytest.raises(ChapterError, match="cell 4: it wanted more than 0.6 GB of memory, the limit for a chapter"):
        execute(tmp_path, CHILD, within=SMALL)


def test_a_notebook_within_its_limits_is_left_alone(tmp_path, kind):
    told = execute(tmp_path, "import numpy as np\nprint(np.ones(10_000_000).sum())").read_text()
    assert "10000000.0" in told


def test_of_edition_and_command_line_the_last_word_counts(monkeypatch):
    assert limits.choose() == Limits(minutes=30, memory_gb=4)
    monkeypatch.setenv("ATTRITION_MINUTES", "7")
    monkeypatch.setenv("ATTRITION_MEMORY_GB", "")
    assert limits.choose() == Limits(minutes=7)
    assert limits.choose({"minutes": 8}) == Limits(minutes=8)
    assert limits.choose({"minutes": 8, "memory_gb": 1}, {"minutes": "9", "memory_gb": None}) == Limits(9, 1)


@pytest.mark.parametrize("given", ["soon", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number_above_zero_is_refused(given):
    with pytest.raises(LimitError, match=f"above 0 for the limit minutes .--minutes, ATTRITION_MINUTES.* '{given}'"):
        limits.choose({"minutes": given})


def test_an_edition_names_limits(tmp_path):
    path = tmp_path / "e.yml"
    path.write_text("name: e\ntitle: E\ncutoff: 2026-05-31\nlimits: {minutes: 90}\n")
    assert limits.choose(edition.read(path).limits) == Limits(minutes=90)
    path.write_text("name: e\ntitle: E\ncutoff: 2026-05-31\nlimits: {hours: 90}\n")
    with pytest.raises(edition.EditionError, match="entry 'limits.hours"):
        edition.read(path)
    path.write_text("name: e\ntitle: E\ncutoff: 2026-05-31\nlimits: {minutes: 0}\n")
    with pytest.raises(edition.EditionError, match="entry 'limits.minutes': .*greater than 0, found '0'"):
        edition.read(path)


def alive(pid):
    """Whether a process still runs after a moment of grace."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True
