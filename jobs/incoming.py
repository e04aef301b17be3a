"""A Django upload handler for sources: in memory, and never more than one may have."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

from jobs import source
from jobs.source import Source


class OneFile(FileUploadHandler):
    """Keeps the first file of one field and drops others; what is too long is not kept to its end.

    `program` is the file looked at, None without one; it raises BadSource.
    """

    chunk_size = 2**20

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field, self._name, self._content = field, "", bytearray()
        self._receiving = False

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._receiving = field_name == self._field and not self._name
        if self._receiving:
            self._name = file_name

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._receiving and len(self._content) <= source.MOST_BYTES:
            self._content += raw_data

    def file_complete(self, file_size: int) -> None:
        self._receiving = False

    @property
    def is_given(self) -> bool:
        return bool(self._name)

    @property
    def program(self) -> Source | None:
        return source.of_upload(self._name, bytes(self._content)) if self._name else None
