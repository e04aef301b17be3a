"""Loading fastText's binary files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fasttext


def load(path: Path) -> Any:
    """Raises ValueError when it is no fastText binary."""
    fasttext.FastText.eprint = lambda *_: None  # it warns of an old change at every load
    return fasttext.load_model(str(path))
