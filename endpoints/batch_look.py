"""What the first rows of a file mean to a model, before anybody asks it about all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws import s3
from core.models import Workspace
from datasets.formats.peek import peek, plain
from datasets.formats.sniff import HEAD_BYTES, BadTable, Dialect
from datasets.models import Preparation
from endpoints import batch_rows

SHOWN = 8  # rows
COLUMNS = 40
TEXTS = ("csv", "jsonl", "labelled", "libsvm")


@dataclass(frozen=True)
class Look:
    """The file's columns and first rows as they stand in it, and what they are to the model.

    `roles` has a word for each of the columns: read, target, or not read. `problem` says why
    the file does not fit; without a recipe nobody knows what is expected.
    """

    names: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    roles: Sequence[str] = ()
    has_target: bool = False
    has_header: bool = True
    is_raw: bool = False
    problem: str = ""

    @property
    def left_out(self) -> list[str]:
        return [n for n, role in zip(self.names, self.roles, strict=True) if role == "not read"]

    @property
    def heads(self) -> list[tuple[str, str]]:
        return list(zip(self.names, self.roles, strict=True))[:COLUMNS]

    @property
    def shown(self) -> list[Sequence[str]]:
        return [row[:COLUMNS] for row in self.rows[:SHOWN]]

    @property
    def more_columns(self) -> int:
        return max(0, len(self.names) - COLUMNS)


def look(workspace: Workspace, key: str, name: str, recipe: Preparation | None) -> Look:
    """Of the stored file; raises AwsError. Formats that are no text are looked at when they run."""
    head = s3.get_object(workspace.account, workspace.bucket, key, range=(0, HEAD_BYTES - 1))
    return look_at(head, name, recipe)


def look_at(head: bytes, name: str, recipe: Preparation | None) -> Look:
    """`look` at a file that begins with `head`."""
    complete = len(head) < HEAD_BYTES
    try:
        dialect = batch_rows.dialect_in(head, name, recipe)
        if dialect.format not in TEXTS:
            return Look()
        if recipe is None or batch_rows.is_lines(recipe, dialect):
            return _lines(head, dialect, recipe)
        names, rows = peek(head, dialect, complete=complete, most=SHOWN)
    except (BadTable, UnicodeDecodeError) as error:
        return Look(problem=str(error))
    return _fitted(recipe, names, rows, dialect)


def _lines(head: bytes, dialect: Dialect, recipe: Preparation | None) -> Look:
    """Of a file whose lines are sent as they stand, without its header."""
    data, _ = plain(head, dialect.compression, complete=len(head) < HEAD_BYTES)
    has_header = dialect.header and dialect.format == "csv"
    found = [line for line in data.decode(dialect.encoding, "replace").splitlines() if line.strip()]
    rows = [[line] for line in found[has_header : SHOWN + has_header]]
    names = [batch_rows.text_column(recipe) or "line"]
    return Look(names, rows, ["read"], has_header=has_header, is_raw=True)


def _fitted(recipe: Preparation, names: list[str], rows: list[list[str]], dialect: Dialect) -> Look:
    has_header = dialect.header or dialect.format != "csv"
    unknown = ["read"] * len(names)
    try:
        fit = batch_rows.fitted(recipe, names, dialect, has_truth=False)
    except BadTable as error:
        return Look(names, rows, unknown, has_header=has_header, problem=str(error))
    known = {theirs: ours for ours, theirs in fit.renamed.items()}
    roles = [_role(known[name], fit, recipe.target) for name in names]
    has_target = "target" in roles
    return Look([known[name] for name in names], rows, roles, has_target, has_header)


def _role(name: str, fit: batch_rows.Fit, target: str) -> str:
    if name in fit.columns:
        return "read"
    return "target" if target and name == target else "not read"
