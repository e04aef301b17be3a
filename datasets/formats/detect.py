"""What a file is: by its first bytes, and by its name where those do not tell."""

import re
import zlib
from dataclasses import replace
from itertools import islice

from datasets.formats import archive, npz, sniff
from datasets.formats.sniff import HEAD_BYTES, BadTable, Dialect

GZIP = b"\x1f\x8b"
# Letters alone do not tell: a CSV's first column may be named PAR1 or ORCID.
UNPRINTED = rb"[\x00-\x08\x0e-\x1f\x80-\xff]"
BINARY_FORMATS = {
    "npz": re.compile(rb"\x93NUMPY"),
    "parquet": re.compile(rb"PAR1" + UNPRINTED),
    "recordio": re.compile(rb"\x0a\x23\xd7\xce"),
    "idx": re.compile(rb"\x00\x00[\x08\x09\x0b-\x0e][\x01-\x08]"),
}
TEXTS = {
    "labelled": re.compile(r"__label__\S"),
    "jsonl": re.compile(r'\{\s*("|\}|$)'),
}
SPARSE_ROW = re.compile(r"[-+.\deE]+(\s+\d+:[^\s:]+)*\s*$")
LOOKED_AT = 20  # lines: the first rows of a sparse table may be empty
NAMES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".libsvm": "libsvm",
    ".svmlight": "libsvm",
    ".svm": "libsvm",
}
PICKLE = re.compile(rb"\x80[\x02-\x05][\x00-\xff]")
PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".p")
OTHERS = {
    re.compile(rb"\xd0\xcf\x11\xe0"): (
        "an old Excel (or other office) file",
        "Export the sheet as CSV (in Excel: “CSV UTF-8”) and upload that.",
    ),
    re.compile(rb"PARE" + UNPRINTED): ("an encrypted Parquet file", "Write it unencrypted."),
    re.compile(rb"ARROW1\x00"): ("an Arrow (Feather) file", "Write it as Parquet."),
    re.compile(rb"Obj\x01"): ("an Avro file", "Write it as Parquet."),
    re.compile(rb"ORC" + UNPRINTED): ("an ORC file", "Write it as Parquet."),
}


def inspect(head: bytes, *, complete: bool, filename: str = "") -> Dialect:
    """How to read the file that begins with `head` (all of it when `complete`).

    BadTable for what can be refused without reading on: pickles, workbooks, archives of anything
    but one table, and whatever `sniff.inspect` refuses in a text.
    """
    if len(head) > HEAD_BYTES:
        head, complete = head[:HEAD_BYTES], False
    compression, name = "", filename.lower()
    if head.startswith(GZIP):
        compression, name = "gzip", name.removesuffix(".gz")
        head, complete = gunzipped(head, complete=complete)
    elif head.startswith(archive.LOCAL) and not _is_npz(head):
        compression = "zip"
        name, head, complete = archive.first_table(head, complete=complete)
    if compression:
        _refuse_packed_again(head)
    return replace(_dialect(head, name.lower(), complete=complete), compression=compression)


def _dialect(head: bytes, name: str, *, complete: bool) -> Dialect:
    _refuse_code(head, name)
    if (kind := _binary_format(head)) == "npz":
        npz.check_head(head)
    if kind:
        return Dialect("", "", format=kind)
    encoding = sniff.encoding_of(head, complete=complete)
    if kind := _text_format(_first_lines(head, encoding), name):
        return Dialect("", encoding, format=kind)
    return sniff.inspect(head, complete=complete)


def _text_format(start: list[str], name: str) -> str:
    line = next(iter(start), "")
    if re.match(r"\[\s*(\{|$)", line):
        raise BadTable(
            "This is one JSON array.", "Write JSON lines: one object a line, nothing around them."
        )
    for kind, pattern in TEXTS.items():
        if pattern.match(line):
            return kind
    if _is_sparse(start):
        return "libsvm"
    return next((kind for ending, kind in NAMES.items() if line and name.endswith(ending)), "")


def _first_lines(head: bytes, encoding: str) -> list[str]:
    text = head[: 2**18].decode(encoding, "replace")
    return list(islice(filter(None, map(str.strip, text.splitlines())), LOOKED_AT))


def _is_sparse(start: list[str]) -> bool:
    """Whether the lines are libsvm's as far as the first that is not empty (a label alone)."""
    for line in start:
        row = line.partition("#")[0]
        if row and not SPARSE_ROW.match(row):
            return False
        if ":" in row:
            return True
    return False


def _binary_format(head: bytes) -> str:
    for kind, magic in BINARY_FORMATS.items():
        if magic.match(head):
            return kind
    return "npz" if _is_npz(head) else ""


def _is_npz(head: bytes) -> bool:
    return head.startswith(archive.LOCAL) and archive.first_name(head).endswith(".npy")


def _refuse_code(head: bytes, name: str) -> None:
    if PICKLE.match(head) or name.endswith(PICKLE_NAMES):
        says = "This is" if PICKLE.match(head) else "The name says that this is"
        raise BadTable(
            f"{says} a Python pickle, which can run code when it is read.",
            "Write the table as Parquet or CSV, or arrays with numpy.savez.",
        )
    for magic, (kind, hint) in OTHERS.items():
        if magic.match(head):
            raise BadTable(f"This is {kind}, not a table that can be read here.", hint)


def _refuse_packed_again(head: bytes) -> None:
    if head.startswith(GZIP) or (head.startswith(archive.LOCAL) and not _is_npz(head)):
        if head.startswith(archive.LOCAL):
            archive.check_workbook(archive.first_name(head))
        raise BadTable("The file is compressed twice.", "Compress it once.")


def gunzipped(head: bytes, *, complete: bool) -> tuple[bytes, bool]:
    """The unpacked beginning of a gzip file, and whether it is all of it."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        inner = inflater.decompress(head, HEAD_BYTES)
    except zlib.error as error:
        raise BadTable(
            "The gzip file is damaged at its beginning.", "Compress it again."
        ) from error
    if complete and not inflater.eof and not inflater.unconsumed_tail:
        raise BadTable("The gzip file is cut off.", "Compress it again.")
    return inner, complete and inflater.eof and not inflater.unused_data
