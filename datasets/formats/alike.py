"""Whether many files are the parts of one table, by their heads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from datasets.formats import detect
from datasets.formats.peek import peek
from datasets.formats.sniff import BadTable, Dialect, NoRows

UNICODE = {"utf-8", "utf-8-sig"}


@dataclass(frozen=True)
class Head:
    """The first bytes of the file `name`, all of them when `complete`."""

    name: str
    data: bytes
    complete: bool


@dataclass
class Alike:
    """Files of one table so far: `dialect` reads them all, `names` are those with rows."""

    names: list[str] = field(default_factory=list)
    _first: Dialect | None = None
    _columns: list[str] = field(default_factory=list)
    _encodings: set[str] = field(default_factory=set)

    def add(self, head: Head) -> None:
        """BadTable, naming the file, when it cannot be a part of the table of those before it."""
        with named(head.name):
            try:
                found = detect.inspect(head.data, complete=head.complete, filename=head.name)
            except NoRows:
                return
            self._first = self._first or found
            self._compare(head, found)
        self.names.append(head.name)

    def _compare(self, head: Head, found: Dialect) -> None:
        first = self._first or found
        if (found.format, found.compression) != (first.format, first.compression):
            raise BadTable(
                f"It is {_kind(found)}, and {_last(self.names[0])} is {_kind(first)}.",
                "Import files of one format.",
            )
        if found.encoding:
            is_plain = found.encoding == "utf-8" and head.data.isascii() and not found.compression
            self._encodings.add("ascii" if is_plain else found.encoding)
        if found.format == "csv":
            known = replace(first, encoding=found.encoding)
            columns, _ = peek(head.data, known, complete=head.complete, most=1)
            self._columns = self._columns or columns
            check_columns(columns, self._columns)

    @property
    def dialect(self) -> Dialect:
        """NoRows when no file has any, BadTable when no encoding fits all."""
        if self._first is None:
            raise NoRows("None of the files has a row.", "Check the address.")
        found = self._encodings - {"ascii"}
        if found <= UNICODE:
            # It takes off the mark at a file's beginning, where there is one.
            encoding = "utf-8-sig" if "utf-8-sig" in found else self._first.encoding
        elif found & UNICODE:
            text = "Some of the files are UTF-8 and others are not."
            raise BadTable(text, "Write them in one encoding.")
        else:
            encoding = "latin-1" if "latin-1" in found else "cp1252"
        return replace(self._first, encoding=encoding)


@contextmanager
def named(name: str) -> Iterator[None]:
    """What is wrong with a file, with its name in front."""
    try:
        yield
    except BadTable as problem:
        raise BadTable(f"{_last(name)}: {problem.message}", problem.hint) from problem


def check_columns(found: Sequence[str], expected: Sequence[str]) -> None:
    """BadTable when a file's columns are not those of the files before it."""
    if found == expected:
        return
    if len(found) != len(expected):
        what = f"It has {len(found):,} columns, and the files before it have {len(expected):,}."
    else:
        other = next(place for place, name in enumerate(found) if name != expected[place])
        what = f"Its column {other + 1} is “{found[other]}”, before it is “{expected[other]}”."
    raise BadTable(
        what, "Every file needs the same columns, with a header line in each or in none."
    )


def _kind(dialect: Dialect) -> str:
    return f"{dialect.format} in {dialect.compression}" if dialect.compression else dialect.format


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]
