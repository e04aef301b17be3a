"""/opt/ml, which a container sees, in what users bring: here it is a directory of the job's own.

So what names a path below /opt/ml/input, /opt/ml/processing and the like is made to name that
directory: in commands and, in the job's own copy of its inputs, in the text of .py and .sh files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_NAMES = "checkpoints|code|config|input|model|output|processing"
_PLACE = re.compile(rf"(?<![\w.-])/opt/ml(?=/(?:{_NAMES})(?![\w.-]))".encode())
_CODE = {".py", ".sh"}


def moved(content: bytes, base: Path) -> bytes:
    return _PLACE.sub(lambda _: os.fsencode(base), content)


def adapt(folder: Path, base: Path) -> None:
    """Every .py and .sh file below `folder`, in place."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _CODE:
            path.write_bytes(moved(path.read_bytes(), base))
