"""Warm kernels are forks of one process and give what ordinary kernels give, to the byte."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attrition import chapter, figures, kernels, values
from attrition.chapter import ChapterError
from notebooks import write

FIGURE = (
    "import matplotlib.pyplot as plt, numpy as np, pandas as pd, statsmodels.api as sm\n"
    "x = np.random.default_rng(seed).normal(size=(50, 2))\n"
    "fig, ax = plt.subplots(); ax.plot(x[:, 0]); display(fig); plt.close(fig)\n"
    "print(sm.OLS(x[:, 0], sm.add_constant(x[:, 1])).fit().params, pd.DataFrame(x).sum().tolist())"
)

warm_only = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.fixture(params=["warm", "ordinary"])
def kind(request, monkeypatch):
    if request.param == "ordinary":
        monkeypatch.setenv(kernels.ORDINARY, "1")
    return request.param


def execute(tmp_path, *sources, name="work", **options):
    path = write(tmp_path / "n" / "a.ipynb", *sources)
    room = tmp_path / "room"
    room.mkdir(exist_ok=True)
    one = chapter.load(path)
    return chapter.run(one, one.defaults, tmp_path / name, room=room, **options)


def printed(executed):
    cells = json.loads(executed.read_text())["cells"]
    return "".join("".join(out["text"]) for cell in cells for out in cell.get("outputs", ()) if "text" in out)


@warm_only
def test_the_same_bytes_from_both_kinds(tmp_path, monkeypatch):
    warm = execute(tmp_path, FIGURE).read_bytes()
    monkeypatch.setenv(kernels.ORDINARY, "1")
    assert execute(tmp_path, FIGURE, name="other").read_bytes() == warm
    assert b"image/png" in warm


@warm_only
def test_a_warm_kernel_is_a_fork_with_the_libraries_loaded(tmp_path):
    seen = "import sys, os\nprint('pandas' in sys.modules, os.getppid())"
    loaded, parent = printed(execute(tmp_path, seen)).split()
    assert loaded == "True" and int(parent) != os.getpid()


def test_each_run_starts_from_nothing(tmp_path, kind):
    execute(tmp_path, "import numpy, os\nnumpy.seen = True\nos.environ['SEEN'] = '1'")
    execute(tmp_path, "import numpy, os\nassert not hasattr(numpy, 'seen') and 'SEEN' not in os.environ")


def test_a_cell_that_raises_and_a_kernel_that_dies_end_the_run(tmp_path, kind):
    with pytest.raises(ChapterError, match="stopped at cell 3: ZeroDivisionError"):
        execute(tmp_path, "1 / 0")
    with pytest.raises(ChapterError, match="stopped at cell 3: DeadKernelError"):
        execute(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


SHOWN = (
    "import pandas as pd\n"
    "from attrition import figures, values\n"
    "table = pd.DataFrame({'y': [1, 2, 4]})\n"
    "fig, ax = figures.canvas(); figures.line(ax, table.index, table['y'], meaning='claimed')\n"
    "figures.name_axes(ax, y='men')\n"
    "words = {'caption': 'Men.', 'source': 'Me.', 'alt': 'A line.'}\n"
    "figures.show(fig, name='men', data=table, **words)\n"
    "about = {'label': 'Men', 'definition': 'Men.', 'unit': 'count', 'as_of': cutoff, 'sources': ['me']}\n"
    "values.record('men.last', table['y'].iloc[-1], **about);"
)


def test_where_only_values_are_wanted_nothing_is_drawn(tmp_path, kind):
    drawn, bare = (execute(tmp_path, SHOWN, name=str(draw), draw=draw) for draw in (True, False))
    both = [json.loads(path.read_text()) for path in (drawn, bare)]
    assert [len(figures.collect(notebook)) for notebook in both] == [1, 0]
    assert values.collect(both[0]) == values.collect(both[1]) != {}


def test_subprocesses_and_pools_work_inside(tmp_path, kind):
    pool = "from concurrent.futures import ThreadPoolExecutor as Pool\nprint(list(Pool(2).map(abs, [-1, -2])))"
    shell = "import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-c', 'print(5)'], text=True))"
    assert printed(execute(tmp_path, pool, shell)).split("\n")[:2] == ["[1, 2]", "5"]


def test_ordinary_kernels_where_forks_are_not_safe(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not kernels.available() and kernels.engine() == kernels.PLAIN


@warm_only
def test_a_kernel_ends_when_whoever_started_it_is_killed(tmp_path):
    """Nobody is left to shut it down, so it has to notice by itself."""
    path = write(
        tmp_path / "n" / "a.ipynb", "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    (tmp_path / "room").mkdir()
    code = (
        "import sys; from pathlib import Path; from attrition import chapter\n"
        "one = chapter.load(Path(sys.argv[1])); there = Path(sys.argv[2])\n"
        "chapter.run(one, one.defaults, there / 'work', room=there / 'room')"
    )
    running = subprocess.Popen([sys.executable, "-c", code, str(path), str(tmp_path)])
    noted = path.parent / "pid"
    assert waited(lambda: noted.exists() and noted.read_text())
    running.kill()
    running.wait()
    assert waited(lambda: not Path(f"/proc/{noted.read_text()}").exists())


def waited(true, seconds=40):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.2)
    return true()
