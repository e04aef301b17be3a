"""Writing an algorithm's channels: one object a split, in the recipe's format. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from datasets.formats.block import Block
from datasets.formats.sniff import BadTable
from datasets.recipe import Recipe
from datasets.split import SPLITS
from datasets.survey import Survey
from datasets.tables.encoding import (
    Encoding,
    encode_block,
    encode_columns,
    encode_lines,
    feature_names,
    figure,
)
from datasets.writing.registry import FORMATS, RECORDIO
from datasets.writing.rows import LABEL, Unwritable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from datasets.writing.rows import Take

    Rows = npt.NDArray[np.intp]

HEAD_LINES = 5


class Sink(Protocol):
    """What is written appears when it is closed, and never when it is aborted."""

    def write(self, data: bytes | memoryview, /) -> object: ...

    def close(self) -> int: ...  # bytes in all

    def abort(self) -> None: ...


Open = Callable[[str, str], Sink]  # a path below the preparation's own, a content type


@dataclass
class Channel:
    """One split on its way out: where, rows, rows per class, and its first lines."""

    split: str
    path: str
    content_type: str
    sink: Sink
    rows: int = 0
    size: int = 0
    counts: Counter[int] = field(default_factory=Counter)
    head: list[str] = field(default_factory=list)

    def add(self, classes: Sequence[int], rows: int) -> None:
        self.rows += rows
        self.counts.update(classes)

    def described(self, labels: Sequence[str]) -> dict[str, Any]:
        """What a preparation keeps of it, with rows per label's name."""
        return {
            "path": self.path,
            "rows": self.rows,
            "bytes": self.size,
            "content_type": self.content_type,
            "counts": {label: self.counts[code] for code, label in enumerate(labels)},
        }


@dataclass(frozen=True)
class Lines:
    """How rows become bytes: the recipe, what was fitted, and the labels' codes."""

    recipe: Recipe
    encoding: Encoding

    @property
    def names(self) -> list[str]:
        return feature_names(self.encoding)

    @property
    def numeric(self) -> bool:
        return FORMATS[self.recipe.format].rows == "numbers"

    @property
    def labelled(self) -> bool:
        """Whether a row begins with its label: Random Cut Forest wants none in training."""
        has_label = bool(self.recipe.target) and FORMATS[self.recipe.format].label != "none"
        return has_label and self.recipe.algorithm != "randomcutforest"

    @property
    def columns(self) -> tuple[list[str], list[str]]:
        """What is read for them, and which of it as numbers."""
        features = self.encoding["features"]
        found = [feature["name"] for feature in features]
        numbers = [feature["name"] for feature in features if feature["kind"] == "number"]
        if self.recipe.target and not self.recipe.has_classes and self.labelled:
            found.append(self.recipe.target)
            numbers.append(self.recipe.target)
        return found, numbers if self.numeric else []

    def of(self, block: Block, codes: npt.NDArray[np.int32]) -> Iterator[tuple[slice, Any, Any]]:
        """Some rows at a time: which of the block, their labels, and the rows as `encode` takes
        them. Labels and rows can be indexed by an array of row numbers.
        """
        if self.numeric:
            for here, matrix in encode_block(self.encoding, block):
                yield here, self._numbers_of_labels(block, codes)[here], matrix
            return
        labels = self._texts_of_labels(block, codes)
        if FORMATS[self.recipe.format].rows == "texts":
            for here, lines in encode_lines(self.encoding, block):
                yield here, labels[here], _array(lines)
            return
        names = [feature["name"] for feature in self.encoding["features"]]
        (texts,) = encode_columns(self.encoding, {name: block.texts(name) for name in names})
        yield slice(0, len(block)), labels, _array(texts)

    def _numbers_of_labels(self, block: Block, codes: npt.NDArray[np.int32]) -> Any:
        if self.recipe.has_classes or not self.labelled:
            return codes
        numbers = block.numbers(self.recipe.target)
        if numbers is None:
            raise BadTable(f"“{self.recipe.target}” holds text where numbers are expected.")
        return numbers

    def _texts_of_labels(self, block: Block, codes: npt.NDArray[np.int32]) -> Any:
        if not self.recipe.has_classes and self.labelled:
            return _array(block.series(self.recipe.target))
        tokens = self.encoding.get("tokens")
        if not tokens:
            return codes
        return _array([tokens[code] if code >= 0 else "" for code in codes.tolist()])

    def write(self, labels: Any, rows: Any, take: Take) -> None:
        """Give `take` the bytes of some rows; BadTable for what the format cannot hold."""
        found = FORMATS[self.recipe.format]
        if found.rows == "texts":
            if self.labelled:
                rows = map("{},{}".format, labels.tolist(), rows.tolist())
            take("".join(f"{row}\n" for row in rows).encode())
            return
        try:
            found.write(labels if self.labelled else None, rows, take)
        except Unwritable as problem:
            name = self.recipe.target if problem.column == LABEL else self.names[problem.column]
            raise BadTable(
                f"“{str(problem.value)[:80]}” in column “{name}” {problem.why}.",
                f"{self.recipe.format} cannot hold it.",
            ) from problem

    def head(self, labels: Any, rows: Any) -> list[str]:
        """The rows as lines to look at: those of the file, or their numbers when it has none."""
        if FORMATS[self.recipe.format].content_type != RECORDIO:
            whole = bytearray()
            self.write(labels, rows, whole.extend)
            return whole.decode().splitlines()
        marks = [[figure(float(label))] if self.labelled else [] for label in labels]
        # A float32's own text is its shortest spelling.
        cells = ([figure(float(str(cell))) for cell in row] for row in rows)
        return [",".join(mark + row) for mark, row in zip(marks, cells, strict=True)]


def _array(texts: Any) -> Any:
    import numpy as np

    return np.fromiter(texts, dtype=object)


def write(
    lines: Lines, blocks: Iterable[Block], survey: Survey, open_: Open, *, part: int = 0
) -> list[Channel]:
    """The channels in the order of `SPLITS`, those without rows left out.

    They replace what an earlier attempt wrote; a failure leaves none of this attempt's unfinished.
    BadTable when there are other rows than the survey had.
    """
    found = FORMATS[lines.recipe.format]
    written: list[Channel] = []
    try:
        for number, name in enumerate(SPLITS):
            if (survey.assigned == number).any():
                path = f"{name}/part-{part}{found.suffix}"
                sink = open_(path, found.content_type)
                written.append(Channel(name, path, found.content_type, sink))
        _fill(written, lines, blocks, survey)
        for channel in written:
            channel.size = channel.sink.close()
    except BaseException:
        for channel in written:
            channel.sink.abort()
        raise
    return written


def _fill(
    written: Sequence[Channel], lines: Lines, blocks: Iterable[Block], survey: Survey
) -> None:
    start, most = 0, len(survey.assigned)
    for block in blocks:
        codes = survey.classes[start : start + len(block)]
        if start + len(block) > most:
            break
        for here, labels, rows in lines.of(block, codes):
            rows_here = slice(start + here.start, start + here.stop)
            for channel in written:
                places = chosen(survey, rows_here, SPLITS.index(channel.split))
                if len(places):
                    of_class = codes[here][places].tolist() if survey.labels else []
                    lines.write(labels[places], rows[places], channel.sink.write)
                    channel.add(of_class, len(places))
                if few := places[: HEAD_LINES - len(channel.head)].tolist():
                    channel.head += lines.head(labels[few], rows[few])
        start += len(block)
    if start != most:
        raise BadTable("The file changed while it was read.", "Prepare it again.")


def chosen(survey: Survey, here: slice, number: int) -> Rows:
    """The places of a split's rows among the rows `here`, as often as they are written."""
    import numpy as np

    chosen = np.flatnonzero(survey.assigned[here] == number)
    if survey.times is None or number:
        return chosen
    return np.repeat(chosen, survey.times[here][chosen])
