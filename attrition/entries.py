"""Files of entries in YAML, such as editions and sweeps: read whole, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read(path: Path, *, what: str, example: str, fault: type[ValueError]) -> dict[str, Any]:
    """Read the entries of a file by name.

    Parameters
    ----------
    what, example : str
        What the file is ("an edition file") and an entry that it may hold, for the sentence about what is wrong.
    fault : type
        The error to raise.

    Raises
    ------
    fault
        If there is no such file, or it holds no entries by name.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise fault(f"Expected {what} at {path}, found none.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise fault(f"Expected YAML in {path}, found something else ({str(error).splitlines()[0]}).") from None
    if not isinstance(content, dict):
        raise fault(f"Expected entries such as '{example}' in {path}, found none.")
    return content
