"""Changing how a text file is read: seen on its first rows, then every row is looked at anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aws.errors
from aws.ranged import RangedObject
from core import audit, states
from core.access import Actor
from core.errors import Conflict, InvalidFields, StillInUse
from core.models import Role
from datasets import delete, upload
from datasets.errors import StorageUnavailable
from datasets.formats.peek import NotInEncoding, peek
from datasets.formats.registry import FORMATS
from datasets.formats.sniff import BadTable, Dialect
from datasets.models import Dataset
from datasets.reading import dialect_of, keys

# Codecs of Python that tables are written in, and how people call them.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a mark (Excel: “CSV UTF-8”)",
    "cp1252": "Windows Western (cp1252)",
    "latin-1": "Latin-1 (ISO 8859-1)",
    "iso8859-15": "Latin-9 (ISO 8859-15)",
    "cp1250": "Windows Central European (cp1250)",
    "cp1251": "Windows Cyrillic (cp1251)",
    "cp1253": "Windows Greek (cp1253)",
    "cp1254": "Windows Turkish (cp1254)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc_kr": "Korean (EUC-KR)",
}
DELIMITERS = {
    ",": "Comma",
    ";": "Semicolon",
    "tab": "Tab",
    "|": "Bar",
    "space": "Space",
    ":": "Colon",
}
SPELT = {"tab": "\t", "space": " "}  # what would be hard to see in a form or an address
QUOTES = {'"': 'Double quotes "', "'": "Single quotes '", "": "Nothing"}
FIELDS = ("delimiter", "quote", "encoding", "has_header")
HEAD_BYTES = 2**20
TIMEOUT = 4.0  # seconds: a page waits for it


@dataclass(frozen=True)
class Seen:
    """The first rows in a dialect, or what is wrong with it."""

    names: list[str]
    rows: list[list[str]]
    problem: BadTable | None = None


def fields_of(dataset: Dataset) -> tuple[str, ...]:
    """What can be changed of how this file is read."""
    if dataset.format == "csv":
        return FIELDS
    return ("encoding",) if FORMATS[dataset.format].is_text else ()


def spelt(delimiter: str) -> str:
    """The delimiter as forms and addresses name it."""
    return {char: name for name, char in SPELT.items()}.get(delimiter, delimiter)


def check(dataset: Dataset, wish: Mapping[str, Any]) -> Dialect:
    """The dataset's dialect with the changes in `wish` (any of `FIELDS`); InvalidFields."""
    known = fields_of(dataset)
    values = {field: getattr(dataset, field) for field in known} | dict(wish)
    errors = {
        field: ["This cannot be chosen for a file of this format."]
        for field in wish
        if field not in known
    }
    delimiter = SPELT.get(values.get("delimiter", ""), values.get("delimiter", ""))
    if "delimiter" in known and not _is_delimiter(delimiter):
        errors["delimiter"] = ["One character that is no letter, digit, quote or line end."]
    if "quote" in known and values["quote"] not in QUOTES:
        errors["quote"] = ["Double quotes, single quotes or nothing."]
    if "encoding" in known and values["encoding"] not in ENCODINGS:
        errors["encoding"] = [f"One of {', '.join(ENCODINGS)}."]
    if errors:
        raise InvalidFields(errors)
    now = dialect_of(dataset)
    return Dialect(
        delimiter,
        values["encoding"],
        values.get("has_header", now.header),
        now.compression,
        now.format,
        values.get("quote", now.quote),
    )


def _is_delimiter(text: str) -> bool:
    is_plain = len(text) == 1 and text.isascii() and (text.isprintable() or text == "\t")
    return is_plain and not text.isalnum() and text not in "\"'"


def see(dataset: Dataset, dialect: Dialect) -> Seen:
    """The first rows of the stored file. StorageUnavailable when S3 does not give them in time."""
    place = (dataset.workspace.account, dataset.workspace.bucket, keys(dataset)[0])
    try:
        stored = RangedObject(*place, timeout=TIMEOUT)
        head = stored.read(HEAD_BYTES)
    except aws.errors.AwsError as error:
        text = "The file's first rows could not be read."
        raise StorageUnavailable(text, f"S3 says: {error.message}") from error
    try:
        return Seen(*peek(head, dialect, complete=stored.size <= len(head)))
    except BadTable as problem:
        return Seen([], [], problem)


def check_open(dataset: Dataset) -> None:
    """Conflict or StillInUse unless the way in which `dataset` is read may be changed now."""
    if not fields_of(dataset):
        raise Conflict(f"How {dataset.get_format_display()} is read stands in the file itself.")
    if not dataset.is_finished:
        raise Conflict(f"The dataset is {dataset.status}.", "Wait until it is Ready or Failed.")
    if any("from" in part for part in dataset.parts):
        raise Conflict("Its import failed: not all of it is there.", "Import it again.")
    if blocking := delete.dependents(dataset):
        raise StillInUse(
            f"“{blocking[0].name}” was made from the rows as they are read now.",
            "Upload or import the file as a new version and change how that is read, or delete "
            "what depends on this one.",
        )


def change(who: Actor, dataset: Dataset, wish: Mapping[str, Any], *, now: datetime) -> None:
    """Read the file in another way: Ready or Failed -> Profiling, nudge `profile_dataset`.

    InvalidFields when a field, or the file's beginning read so, is wrong; else as `check_open` and
    `see`.
    """
    who.need(Role.MEMBER)
    check_open(dataset)
    dialect = check(dataset, wish)
    if problem := see(dataset, dialect).problem:
        raise InvalidFields({place_of(problem, dataset): [str(problem)]})
    before = {field: getattr(dataset, field) for field in FIELDS}
    upload.describe(dataset, dialect)
    described = {field: getattr(dataset, field) for field in FIELDS}
    reopened = states.reopen(
        dataset,
        frm=Dataset.TERMINAL,
        to=Dataset.Status.PROFILING,
        **described,
        rows=None,
        columns=[],
        preview={},
        insights={},
        progress=0,
        failure_reason="",
        next_check_at=now,
    )
    if not reopened:
        raise Conflict("The dataset changed meanwhile.", "Look at it again.")
    changed = {field: new for field, new in described.items() if new != before[field]}
    audit.note(who, "dataset.reread", dataset, **changed)


def place_of(problem: BadTable, dataset: Dataset) -> str:
    """The field at which the trouble with a head is told."""
    of_csv = "delimiter" in fields_of(dataset)
    return "delimiter" if of_csv and not isinstance(problem, NotInEncoding) else "encoding"
