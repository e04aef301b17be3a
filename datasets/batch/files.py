"""Channels as files below a folder."""

from __future__ import annotations

from pathlib import Path

from datasets.channels import Open


class FileSink:
    """A `channels.Sink`: the file has its name only when it is whole."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._file = self._part.open("wb")

    def write(self, data: bytes | memoryview, /) -> object:
        return self._file.write(data)

    def close(self) -> int:
        size = self._file.tell()
        self._file.close()
        self._part.rename(self._path)
        return size

    def abort(self) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


def below(folder: Path) -> Open:
    def open_(path: str, _content_type: str) -> FileSink:
        return FileSink(folder / path)

    return open_
