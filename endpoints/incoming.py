"""A Django upload handler that sends a model archive to S3 while the request is parsed."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

from core.access import Actor
from core.errors import UserError
from endpoints.imports import Receipt
from endpoints.models import RegisteredModel

FIELD = "file"


class StreamModel(FileUploadHandler):
    """Takes the first file of the field `file`, drops others; at most a part is in memory.

    A problem does not interrupt the parsing, so that the other fields (and the CSRF token) are
    still read; the rest of the file is then skipped.
    """

    chunk_size = 2**20

    def __init__(self, who: Actor) -> None:
        super().__init__()
        self._who = who
        self._receipt: Receipt | None = None
        self._problem: UserError | None = None
        self._receiving = False
        self._stored: RegisteredModel | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._receiving = field_name == FIELD and self._receipt is None
        if self._receiving:
            self._receipt = Receipt(self._who, file_name)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._receiving and self._receipt and not self._problem:
            try:
                self._receipt.write(raw_data)
            except UserError as problem:
                self._refuse(problem)

    def file_complete(self, file_size: int) -> None:
        if self._receiving and self._receipt and not self._problem:
            try:
                self._stored = self._receipt.store()
            except UserError as problem:
                self._refuse(problem)
        self._receiving = False

    def _refuse(self, problem: UserError) -> None:
        self.discard()
        self._problem = problem

    def discard(self) -> None:
        """Forget what was received, unless it has become a model."""
        if self._receipt:
            self._receipt.discard()

    def release(self) -> None:
        """Keep what was received, for a form that comes again."""
        self._receipt = None

    def received(self) -> RegisteredModel | None:
        """The stored draft, None without a file; raises what was wrong with it."""
        if self._problem:
            raise self._problem
        return self._stored
