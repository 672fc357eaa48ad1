"""Small notebooks written by hand for the tests of the publishing line. Their numbers are synthetic."""

import json

RECEIPT = (
    "from IPython.display import display\n"
    'display({"application/vnd.attrition.receipt+json": {"opened": OPENED}, "text/plain": "read"}, raw=True)'
)


def write(path, *sources, parameters='seed: int = 1  # draws\ncutoff: str = "2026-05-31"  # last day', opened=()):
    """Write a notebook: a title, the parameters cell, one code cell per source, a receipt."""
    receipt = RECEIPT.replace("OPENED", repr(list(opened)))
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Is it so?\n"},
        code("parameters", parameters, ["parameters"]),
        *(code(f"step-{number}", source) for number, source in enumerate(sources, 1)),
        code("receipt", receipt),
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1))
    return path


def code(name, source, tags=()):
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": metadata,
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
