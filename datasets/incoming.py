"""A Django upload handler that sends the file to S3 while the request is parsed."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

from core.access import Actor
from core.errors import UserError
from datasets.errors import BadFile
from datasets.upload import Receipt

FIELD = "file"


class StreamToS3(FileUploadHandler):
    """Takes the field `file`, drops others. After parsing, `receipt` or `problem` is set.

    A problem does not interrupt the parsing, so that the other fields (and the CSRF token) are
    still read; the rest of the file is then skipped. Call `discard` when the request comes to
    nothing.
    """

    chunk_size = 2**20

    def __init__(self, who: Actor) -> None:
        super().__init__()
        self._who = who
        self._receiving = False
        self.receipt: Receipt | None = None
        self.problem: UserError | None = None

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._receiving = field_name == FIELD and self.receipt is None
        if self._receiving:
            self.receipt = Receipt(self._who.workspace, self._who, file_name)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._receiving and self.receipt and not self.problem:
            try:
                self.receipt.write(raw_data)
            except UserError as problem:
                self._refuse(problem)
        return None

    def file_complete(self, file_size: int) -> None:
        if self._receiving and self.receipt and not self.problem:
            try:
                self.receipt.store()
            except UserError as problem:
                self._refuse(problem)
        self._receiving = False

    def _refuse(self, problem: UserError) -> None:
        self.discard()
        self.problem = problem

    def discard(self) -> None:
        if self.receipt:
            self.receipt.discard()

    def received(self) -> Receipt:
        """The stored file; raises what was wrong with it."""
        if self.problem:
            raise self.problem
        if self.receipt is None:
            raise BadFile("Choose a file.", "Send it in the multipart field “file”.", field=FIELD)
        return self.receipt
