"""What every writer is given, and what none can write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]
    Floats = npt.NDArray[np.float32]
    Take = Callable[[bytes | memoryview], object]  # has used the bytes when it returns

LABEL = -1  # the column of an `Unwritable` label


class Unwritable(ValueError):
    """`value` at `row` and `column` of the block, both from 0; the label's column is `LABEL`."""

    def __init__(self, row: int, column: int, value: object, why: str) -> None:
        where = "the label" if column == LABEL else f"column {column + 1}"
        super().__init__(f"Row {row + 1}, {where}: “{str(value)[:80]}” {why}.")
        self.row = row
        self.column = column
        self.value = value
        self.why = why


class Sparse:
    """A SciPy sparse matrix by rows, their columns ascending and once. Unwritable unless finite."""

    def __init__(self, matrix: Any) -> None:
        import numpy as np

        found = matrix.tocsr()
        if not found.has_canonical_format:
            found = found.copy()
            found.sum_duplicates()
        self.starts: Numbers = found.indptr
        self.columns: Numbers = found.indices
        self.values = as_floats(found.data)
        self.width: int = found.shape[1]
        finite = np.isfinite(self.values)
        if not finite.all():
            place = int(finite.argmin())
            row = int(self.starts.searchsorted(place, side="right")) - 1
            raise _refused(row, int(self.columns[place]), found.data[place])


def as_floats(numbers: Numbers) -> Floats:
    """Float32; what is too large for it becomes infinite."""
    import numpy as np

    with np.errstate(over="ignore"):
        return numbers.astype(np.float32, copy=False)


def as_labels(labels: Numbers, count: int) -> Floats:
    """One float32 a row. Unwritable unless finite, ValueError unless `count`."""
    import numpy as np

    given = np.asarray(labels)
    if given.shape != (count,):
        raise ValueError(f"{count} rows need as many labels, not {given.shape}")
    small = as_floats(given)
    finite = np.isfinite(small)
    if not finite.all():
        row = int(finite.argmin())
        raise _refused(row, LABEL, given[row])
    return small


def check_finite(small: Floats, given: Numbers, *, first: int = 0) -> None:
    """Unwritable unless all of `small` is: `given` from row `first` on, as float32."""
    import numpy as np

    finite = np.isfinite(small)
    if not finite.all():
        row, column = np.argwhere(~finite)[0].tolist()
        raise _refused(first + row, column, given[first + row, column])


def _refused(row: int, column: int, value: Any) -> Unwritable:
    import numpy as np

    why = "is too large for 32 bits" if np.isfinite(value) else "is not a number"
    return Unwritable(row, column, value, why)
