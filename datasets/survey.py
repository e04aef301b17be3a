"""The first reading of a table: of each row its class and its split. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from datasets import split
from datasets.formats.block import Block
from datasets.formats.sniff import MISSING, BadTable
from datasets.recipe import Recipe, class_name, in_order
from datasets.recipe.targets import OTHER

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Codes = npt.NDArray[np.int32]
    Numbers = npt.NDArray[Any]

MAIN = "main"
FILES = (MAIN, "validation", "test")  # in the order in which their rows are counted


class Source(Protocol):
    """Reads a table from its first row: the same rows each time.

    Only `columns` will be asked of the blocks, and those in `numbers` only for their numbers.
    """

    def __call__(
        self, columns: Collection[str], numbers: Collection[str] = (), /
    ) -> Iterator[Block]: ...


Sources = Mapping[str, Source]  # by the names in `FILES`; those but `MAIN` may be lacking


@dataclass
class Survey:
    """Of each row of all files: its label's code, its split and how often it is written.

    `assigned` is `split.NOWHERE` for rows that are left out; `dropped` counts them by reason.
    """

    labels: list[str]
    classes: Codes
    assigned: npt.NDArray[np.uint8]
    times: npt.NDArray[np.uint32] | None = None
    dropped: dict[str, int] = field(default_factory=dict)


def survey(recipe: Recipe, sources: Sources, *, seed: int, stratify: bool) -> Survey:
    """Read what divides the rows, and divide them. BadTable when that cannot be done.

    Reads nothing when only the number of rows matters.
    """
    import numpy as np

    seen = _Rows(recipe)
    if columns(recipe):
        for file in filter(sources.__contains__, FILES):
            for block in sources[file](seen.columns_of(file)):
                seen.add(file, block)
    else:
        seen.count({MAIN: recipe.rows, **recipe.files})
    labels, codes = seen.labelled()
    assigned = _divided(recipe, seen, codes, seed=seed, stratify=stratify and bool(labels))
    dropped = dict(seen.dropped)
    gaps = seen.joined("gaps")
    for number, name in enumerate(split.SPLITS):
        lost = gaps & (assigned == number)
        assigned[lost] = split.NOWHERE
        dropped[f"missing values, {name}"] = int(lost.sum())
    _refuse_empty(assigned, recipe)
    times = None
    if recipe.definition.sample != "none":
        times = split.sample(codes, assigned, how=recipe.definition.sample, seed=seed)
        unused = times == 0
        assigned[unused] = split.NOWHERE
        dropped["sampling"] = int(unused.sum())
        times = times if recipe.definition.sample == "up" else None
    found = {reason: count for reason, count in dropped.items() if count}
    return Survey(labels, codes.astype(np.int32, copy=False), assigned, times, found)


def columns(recipe: Recipe) -> list[str]:
    """The columns that `survey` has to read; none, only the number of rows matters."""
    found = [recipe.target, recipe.definition.split.column, *_drops(recipe)]
    return [name for name in dict.fromkeys(found) if name]


def _drops(recipe: Recipe) -> list[str]:
    return [name for name, rule in recipe.rules.items() if rule == "drop"]


class _Rows:
    """What is collected of the rows, block by block and file by file."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._drops = _drops(recipe)
        self._codes: dict[str, int] = {}
        self._groups: dict[str, int] = {}
        self._parts: dict[str, dict[str, list[Numbers]]] = {}
        self.dropped: dict[str, int] = {}

    def columns_of(self, file: str) -> list[str]:
        divider = self._recipe.definition.split.column
        needed = [self._recipe.target, *self._drops]
        return [n for n in columns(self._recipe) if file == MAIN or n != divider or n in needed]

    def count(self, rows: Mapping[str, int]) -> None:
        """As if so many rows had been read whose contents do not matter."""
        import numpy as np

        for file, count in rows.items():
            self._keep(file, codes=np.zeros(count, np.int32), gaps=np.zeros(count, np.bool_))

    def add(self, file: str, block: Block) -> None:
        import numpy as np

        gaps = np.zeros(len(block), np.bool_)
        for name in self._drops:
            gaps |= _missing(block, name)
        self._keep(file, codes=self._coded(file, block), gaps=gaps)
        by, column = self._recipe.definition.split.by, self._recipe.definition.split.column
        if file == MAIN and by == "time":
            self._keep(file, keys=_instants(block, column, self._recipe.split_dtype))
        elif file == MAIN and by == "group":
            self._keep(file, keys=_coded(block, column, str, self._groups))

    def joined(self, what: str, file: str = "") -> Numbers:
        """What was kept of the rows of a file, of all of them in order without one."""
        import numpy as np

        if not file:
            each = [self.joined(what, name) for name in FILES if name in self._parts]
            return each[0] if len(each) == 1 else np.concatenate(each)
        parts = self._parts.get(file, {}).get(what, [])
        if len(parts) > 1:
            # Kept in one piece from now on: these arrays are the memory that a table costs.
            parts[:] = [np.concatenate(parts)]
        return parts[0] if parts else np.empty(0)

    def labelled(self) -> tuple[list[str], Codes]:
        """The labels, and their codes by row: -1 for rows that are left out."""
        import numpy as np

        codes = self.joined("codes").astype(np.int32, copy=False)
        if not self._recipe.has_classes:
            return [], codes
        final = self._final_names()
        labels = in_order({name for name in final if name}, self._recipe.dtype)
        if len(labels) < 2 and self._recipe.task != "clustering":
            raise BadTable(f"Only one class: every row is “{''.join(labels)}”.")
        places = {name: place for place, name in enumerate(labels)}
        by_code = np.array([places.get(name, -1) for name in final] + [-1, -1], dtype=np.int32)
        return labels, by_code[codes]

    def rare(self) -> npt.NDArray[np.bool_] | None:
        """The main file's rows whose class is to stay in training; None without such a rule."""
        import numpy as np

        rule = self._recipe.definition.rare
        if not rule or rule.do != "train" or not self._recipe.has_classes:
            return None
        codes = self.joined("codes", MAIN).astype(np.int32, copy=False)
        few = np.zeros(len(self._codes) + 1, dtype=np.bool_)
        few[:-1] = self._counts() < rule.fewest
        return few[np.where(codes < 0, len(self._codes), codes)]

    def _counts(self) -> Numbers:
        import numpy as np

        codes = self.joined("codes", MAIN).astype(np.int32, copy=False)
        return np.bincount(codes[codes >= 0], minlength=len(self._codes))

    def _final_names(self) -> list[str]:
        """The label of each code as it was met; "" for a class that is dropped."""
        rule = self._recipe.definition.rare
        if rule is None or rule.do == "train":
            return list(self._codes)
        counts = dict(zip(self._codes, self._counts().tolist(), strict=True))
        few = {name for name, count in counts.items() if count < rule.fewest}
        if rule.do == "drop":
            self._lose("rare classes", sum(counts[name] for name in few))
        instead = OTHER if rule.do == "merge" else ""
        return [instead if name in few else name for name in self._codes]

    def _coded(self, file: str, block: Block) -> Numbers:
        import numpy as np

        target = self._recipe.target
        if not target:
            return np.zeros(len(block), np.int32)
        if not self._recipe.has_classes:
            missing = _missing(block, target)
            self._lose("no target", int(missing.sum()))
            return np.where(missing, -1, 0).astype(np.int32)
        dtype = self._recipe.dtype
        known = None if file == MAIN else len(self._codes)
        codes = _coded(block, target, lambda text: class_name(text, dtype), self._codes)
        self._lose("no target", int((codes < 0).sum()))
        if known is not None:
            # Training does not know the class: forget it again.
            strange = codes >= known
            self._lose("unknown classes", int(strange.sum()))
            codes = np.where(strange, -1, codes)
            self._codes = dict(list(self._codes.items())[:known])
        return codes

    def _lose(self, reason: str, rows: int) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + rows

    def _keep(self, file: str, **values: Numbers) -> None:
        kept = self._parts.setdefault(file, {})
        for what, part in values.items():
            kept.setdefault(what, []).append(part)


def _missing(block: Block, name: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = block.series(name).is_in(list(MISSING)).to_numpy()
    return found


def _coded(
    block: Block, name: str, spelt: Callable[[str], str], seen: dict[str, int]
) -> npt.NDArray[np.int32]:
    """Each cell's code in `seen`, which grows; -1 for a missing one."""
    import numpy as np
    import polars as pl

    series = block.series(name)
    values: Sequence[str] = series.unique(maintain_order=True).to_list()
    codes = [
        -1 if value in MISSING else seen.setdefault(spelt(value), len(seen)) for value in values
    ]
    found = series.replace_strict(values, codes, return_dtype=pl.Int32)
    return found.to_numpy().astype(np.int32, copy=False)


def _instants(block: Block, name: str, dtype: str) -> Numbers:
    import numpy as np

    if dtype == "date":
        return np.array([_instant(text) for text in block.texts(name)], dtype=np.float64)
    numbers = block.numbers(name)
    if numbers is None:
        raise BadTable(f"The column “{name}” holds text where numbers are expected.")
    return numbers


def _instant(text: str) -> float:
    """Seconds since 1970 of an ISO date or time, UTC unless it says otherwise; NaN for neither."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return float("nan")
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _divided(
    recipe: Recipe, seen: _Rows, codes: Codes, *, seed: int, stratify: bool
) -> npt.NDArray[np.uint8]:
    import numpy as np

    count = len(seen.joined("codes", MAIN))
    main, shares = codes[:count], recipe.shares
    kept = main >= 0
    by = recipe.definition.split.by
    if by in ("time", "group"):
        keys = seen.joined("keys", MAIN)
        if by == "time":
            assigned = split.assign_by_order(keys, kept, shares)
        else:
            assigned = split.assign_by_group(keys.astype(np.int64), kept, shares, seed=seed)
        seen.dropped[f"no {by}"] = int((kept & (assigned == split.NOWHERE)).sum())
    else:
        rare = seen.rare()
        divided = main if rare is None else np.where(rare, -1, main).astype(np.int32)
        assigned = split.assign(divided, shares, seed=seed, stratify=stratify)
        if rare is not None:
            assigned[rare & kept] = 0
    parts = [assigned]
    for file in filter(recipe.files.__contains__, split.SPLITS):
        rows = len(seen.joined("codes", file))
        part = np.full(rows, split.SPLITS.index(file), dtype=np.uint8)
        start = sum(map(len, parts))
        part[codes[start : start + rows] < 0] = split.NOWHERE
        parts.append(part)
    return np.concatenate(parts)


def _refuse_empty(assigned: npt.NDArray[np.uint8], recipe: Recipe) -> None:
    for number, name in enumerate(split.SPLITS):
        wanted = recipe.shares[number] or name in recipe.files
        if wanted and not (assigned == number).any():
            raise BadTable(
                f"The {name} split would get no row.", "Give it a larger share, or none at all."
            )
