"""A tiny project for the tests of sweeps: one notebook whose numbers are synthetic, an edition, an empty room."""

from pathlib import Path

from notebooks import write

RECORD = """import time
from attrition import values
if seed == 13:
    raise ValueError("thirteen is out of luck")
if seed >= 1000:
    time.sleep(seed)
told = {"label": "a", "definition": "A number.", "as_of": cutoff, "sources": ["nobody"]}
values.record("tiny.double", 2 * seed, unit="persons", interval=(2 * seed - 1, 2 * seed + 1), level=0.9, **told)
values.record("tiny.word", "odd" if seed % 2 else "even", unit="words", **told)"""


def write_project(folder: Path, *, record: str = RECORD) -> Path:
    """Write the project into a folder and return the folder."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.csv").write_text("x\n1\n")
    (folder / "editions").mkdir()
    (folder / "editions" / "first.yml").write_text('name: "first"\ntitle: First\ncutoff: 2026-05-31\n')
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters:\n- file: notebooks/tiny\n")
    write(folder / "notebooks" / "tiny.ipynb", record)
    return folder


def write_sweep(folder: Path, text: str, name: str = "many") -> Path:
    """Write a sweep file and return its path."""
    path = folder / f"{name}.yml"
    path.write_text(text)
    return path
