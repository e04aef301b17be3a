"""Django upload handlers that send a file to S3 while the request is parsed."""

from typing import Any, Generic, Protocol, TypeVar

from django.core.files.uploadhandler import FileUploadHandler

from core.access import Actor
from core.errors import UserError
from core.models import Tracked
from endpoints import batch_upload, imports
from endpoints.models import BatchPrediction, RegisteredModel

FIELD = "file"
StoredT_co = TypeVar("StoredT_co", bound=Tracked, covariant=True)


class Receipt(Protocol[StoredT_co]):
    """One file on its way; `store` makes the hidden row that knows it."""

    def write(self, data: bytes) -> None: ...
    def store(self) -> StoredT_co: ...
    def discard(self) -> None: ...


class Stream(FileUploadHandler, Generic[StoredT_co]):
    """Takes the first file of the field `file`, drops others; at most a part is in memory.

    A problem does not interrupt the parsing, so that the other fields (and the CSRF token) are
    still read; the rest of the file is then skipped.
    """

    chunk_size = 2**20

    def __init__(self, who: Actor) -> None:
        super().__init__()
        self._who = who
        self._receipt: Receipt[StoredT_co] | None = None
        self._problem: UserError | None = None
        self._receiving = False
        self._stored: StoredT_co | None = None

    def begun(self, who: Actor, file_name: str) -> Receipt[StoredT_co]:
        raise NotImplementedError

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._receiving = field_name == FIELD and self._receipt is None
        if self._receiving:
            self._receipt = self.begun(self._who, file_name)

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
        """Forget what was received, unless it has become something."""
        if self._receipt:
            self._receipt.discard()

    def release(self) -> None:
        """Keep what was received, for a form that comes again."""
        self._receipt = None

    def received(self) -> StoredT_co | None:
        """The stored draft, None without a file; raises what was wrong with it."""
        if self._problem:
            raise self._problem
        return self._stored


class StreamModel(Stream[RegisteredModel]):
    """A model's archive."""

    def begun(self, who: Actor, file_name: str) -> imports.ModelReceipt:
        return imports.ModelReceipt(who, file_name)


class StreamBatch(Stream[BatchPrediction]):
    """The rows of a batch."""

    def begun(self, who: Actor, file_name: str) -> batch_upload.BatchReceipt:
        return batch_upload.BatchReceipt(who, file_name)
