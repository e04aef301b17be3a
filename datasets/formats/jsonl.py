"""JSON lines: one object a line; columns are the keys of the first lines."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

from datasets.formats.sniff import BadTable, Dialect, check_names
from datasets.formats.stream import Plain, Row, blocks, check_text, decoded, lines

HEAD_LINES = 1_000
HEAD_CHARACTERS = 4 * 2**20

Object = dict[str, Any]


class Reader:
    """The objects of `plain` as a `stream.Table`.

    `names` is the union of the keys in the first 1,000 lines (4 million characters); a key that an
    object lacks is an empty cell, one that they all lack is refused. Numbers keep their spelling.
    """

    def __init__(self, plain: Plain, dialect: Dialect, _kept: ExitStack) -> None:
        self._plain = plain
        self._lines = lines(decoded(plain, dialect.encoding))
        self._head: list[tuple[int, Object]] = []
        read = 0
        for number, line in self._lines:
            self._head.append((number, _parsed(number, line)))
            read += len(line)
            if len(self._head) == HEAD_LINES or read > HEAD_CHARACTERS:
                break
        if not self._head:
            raise BadTable("The file is empty.")
        self.names = list(dict.fromkeys(chain.from_iterable(found for _, found in self._head)))
        if not self.names:
            raise BadTable("Line 1: the object is empty.", "Every key becomes a column.")
        check_text(self.names, "The name of a key")
        check_names(self.names, "The first lines")
        self._known = set(self.names)

    @property
    def packed_bytes(self) -> int:
        return self._plain.packed_bytes

    def __iter__(self) -> Iterator[list[Row]]:
        rest = ((number, _parsed(number, line)) for number, line in self._lines)
        rows = (self._row(number, found) for number, found in chain(self._head, rest))
        return blocks(rows, len(self.names))

    def _row(self, number: int, found: Object) -> Row:
        if not found.keys() <= self._known:
            strange = next(key for key in found if key not in self._known)
            raise BadTable(
                f"Line {number} has the key “{strange[:80]}”, which the first lines do not have.",
                "Give every object the same keys; null where there is no value.",
            )
        row = [_cell(number, name, found.get(name)) for name in self.names]
        check_text(row, f"Line {number}")
        return row


def _cell(number: int, name: str, value: Any) -> str:
    if isinstance(value, str):  # numbers too: they were not parsed
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "an object" if isinstance(value, dict) else "a list"
    raise BadTable(
        f"Line {number}: the value of “{name[:80]}” is {kind}.",
        "Flatten it: a cell holds one text, number or boolean.",
    )


def _parsed(number: int, line: str) -> Object:
    try:
        found = json.loads(
            line,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_distinct,
        )
    except _SameKeyError as error:
        raise BadTable(f"Line {number} has the key “{error}” twice.") from error
    except (ValueError, RecursionError) as error:
        raise BadTable(
            f"Line {number} is not a JSON object: {_said(error)}.",
            "Write one object a line; a line end inside an object is not possible.",
        ) from error
    if not isinstance(found, dict):
        raise BadTable(f"Line {number} is JSON, but not an object.", "Write one object a line.")
    return found


class _SameKeyError(Exception):
    pass


def _distinct(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _SameKeyError(next(key for key in keys if keys.count(key) > 1)[:80])
    return found


def _said(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "it is nested too deeply"
