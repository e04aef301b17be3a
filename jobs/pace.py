"""How far a line of a log says that training is. Pure.

Amazon's own algorithms print a share of the epochs, BlazingText and Keras number them.
"""

import re
from collections.abc import Iterable

_SHARE = re.compile(r"#progress_metric: host=\S+, completed ([\d.]{1,9}) %")
_NUMBERED = re.compile(r"\bEnd of epoch: (\d{1,9})\b")
_BEGUN = re.compile(r"\b[Ee]poch:? ?\[?(\d{1,9}) ?(?:/|of) ?(\d{1,9})\b")
_MARKS = ("#progress_metric", "poch")
MOST = 1_000_000


def done(lines: Iterable[str], total: int | None) -> int:
    """Epochs that are over by the last of `lines`, of `total`; 0 where they do not tell."""
    told = (_done(line, total) for line in lines if any(mark in line for mark in _MARKS))
    return min(max(told, default=0), total or MOST)


def _done(line: str, total: int | None) -> int:
    if found := _NUMBERED.search(line):
        return int(found[1])
    if found := _BEGUN.search(line):  # "Epoch 3/10" is printed when it begins
        return max(0, int(found[1]) - 1)
    share = _SHARE.search(line)
    try:
        return round(float(share[1]) / 100 * total) if share and total else 0
    except ValueError:
        return 0
