"""A chapter's cells run in one namespace, without a kernel, so that tests can look at what its names hold."""

import json
import os
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[1]


def run(name, until=None, drawn=False, room=ROOT / "data", **given):
    """Run a chapter on a room with parameters `given`, up to the cell `until`; return its names.

    What it recorded stands under `recorded`, by key. Figures are made but not turned into images, unless `drawn`.
    """
    import matplotlib.pyplot as plt

    from attrition import figures, values

    recorded, record = {}, values.record

    def keep(key, *rest, **details):
        return recorded.setdefault(key, record(key, *rest, **details))

    space = {"recorded": recorded}
    show = figures.show if drawn else lambda fig, **words: plt.close(fig)
    patches = (mock.patch.object(values, "record", keep), mock.patch.object(figures, "show", show))
    with on_a_room(room), patches[0], patches[1]:
        for cell in cells(name):
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), space)
                if "parameters" in cell["metadata"].get("tags", ()):
                    space.update(given)
            if cell["id"] == until:
                break
    return space


def cells(name):
    """The cells of a chapter as committed."""
    return json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


def on_the_projects_room():
    """Let chapters open the project's own room."""
    return on_a_room(ROOT / "data")


@contextmanager
def on_a_room(room):
    """Let chapters open a room."""
    with mock.patch.dict(os.environ, ATTRITION_ROOM=str(room)):
        yield
