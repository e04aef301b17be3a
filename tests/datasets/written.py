"""Files of the formats that have no writer at hand, byte by byte as their documents say."""

import io
import struct
import zipfile

import numpy as np
import pyarrow.parquet as pq

KINDS = {"float32": b"\x12", "float64": b"\x1a", "int32": b"\x3a"}  # Value's fields 2, 3 and 7


def parquet(table):
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npz(**named):
    file = io.BytesIO()
    np.savez(file, **named)
    return file.getvalue()


def zipped(files, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def idx(array, code):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return (
        bytes([0, 0, code, array.ndim])
        + sizes
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


def recordio(matrix, labels=None, *, sparse=False):
    """One record a row; labels are written dense, as float32."""
    return b"".join(
        record(row, None if labels is None else labels[n], sparse=sparse)
        for n, row in enumerate(matrix)
    )


def record(row, label=None, *, sparse=False):
    payload = entry(b"\x0a", tensor(row, sparse=sparse))
    if label is not None:
        payload += entry(b"\x12", tensor(np.array([label], np.float32)))
    return framed(payload)


def framed(payload):
    return (
        b"\x0a\x23\xd7\xce" + struct.pack("<I", len(payload)) + payload + bytes(-len(payload) % 4)
    )


def entry(tag, value):
    return sized(tag, sized(b"\x0a", b"values") + sized(b"\x12", value))


def tensor(row, *, sparse=False):
    places = np.flatnonzero(row)
    values = row[places] if sparse else row
    body = sized(b"\x0a", packed(values)) if len(values) else b""
    if sparse:
        body += sized(b"\x12", b"".join(map(varint, places.tolist()))) if len(places) else b""
        body += sized(b"\x1a", varint(len(row)))
    return sized(KINDS[row.dtype.name], body)


def packed(values):
    if values.dtype.kind == "f":
        return values.tobytes()
    return b"".join(varint(number % 2**64) for number in values.tolist())


def sized(tag, body):
    return tag + varint(len(body)) + body


def varint(number):
    found = b""
    while number > 127:
        found += bytes([number & 127 | 128])
        number >>= 7
    return found + bytes([number])
