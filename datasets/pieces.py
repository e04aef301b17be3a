"""The parts of an upload: how many and how large they must be, and which of them S3 has."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import aws.errors
from aws import s3
from aws.clients import Account
from aws.types import Part
from core import buckets
from core.errors import InvalidFields
from datasets.models import Dataset
from datasets.parts import MOST_PARTS, PART_BYTES

MEGABYTE = 2**20


def size_of(total: int) -> int:
    """The size of each part but the last: 8 MB, more where those would be over 10,000."""
    fewest = -(-total // MOST_PARTS)
    return max(PART_BYTES, -(-fewest // MEGABYTE) * MEGABYTE)


def count(dataset: Dataset) -> int:
    return -(-dataset.bytes // dataset.part_bytes)


def expected(dataset: Dataset, number: int) -> Part:
    """The part as it must come; InvalidFields when there is no such number."""
    if not 1 <= number <= count(dataset):
        text = f"There is no part {number}: they count from 1 to {count(dataset)}."
        raise InvalidFields({"number": [text]})
    start = (number - 1) * dataset.part_bytes
    return Part(number=number, etag="", size=min(dataset.part_bytes, dataset.bytes - start))


def place(dataset: Dataset) -> tuple[Account, str, str]:
    return dataset.workspace.account, dataset.workspace.bucket, dataset.key


def start(dataset: Dataset) -> None:
    """A multipart upload for the row, in place of one that S3 no longer knows."""
    buckets.ensure(dataset.workspace)
    made = s3.create_multipart_upload(*place(dataset))
    rows = Dataset.objects.filter(pk=dataset.pk, upload_id=dataset.upload_id)
    if not rows.update(upload_id=made):  # another tab was faster
        s3.abort_multipart_upload(*place(dataset), made)
    dataset.refresh_from_db(fields=["upload_id"])


def there(dataset: Dataset) -> list[Part] | None:
    """Whole parts by number; None when S3 knows neither the upload nor what it became."""
    if not dataset.upload_id:
        return None
    try:
        found = s3.list_parts(*place(dataset), dataset.upload_id)
    except aws.errors.NotFound:
        return every(dataset) if is_whole(dataset) else None
    sizes = {part.number: part.size for part in every(dataset)}
    return [part for part in found if part.size == sizes.get(part.number)]


def is_whole(dataset: Dataset) -> bool:
    """Whether an earlier completion got through whose answer was lost."""
    head = s3.head_object(*place(dataset))
    return head is not None and head.size == dataset.bytes


def every(dataset: Dataset) -> list[Part]:
    return [expected(dataset, number) for number in range(1, count(dataset) + 1)]


@dataclass(frozen=True)
class Progress:
    """An upload and which of its parts S3 has whole; `sent` are their bytes."""

    dataset: Dataset
    there: list[Part]

    @property
    def sent(self) -> int:
        return sum(part.size for part in self.there)

    @property
    def missing(self) -> list[int]:
        here = {part.number for part in self.there}
        return [number for number in range(1, count(self.dataset) + 1) if number not in here]


def ranges(numbers: Iterable[int]) -> str:
    """`1, 4–6 and more`: at most five stretches."""
    stretches = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        stretches.append(f"{found[0]}–{found[-1]}" if len(found) > 1 else str(found[0]))
    return ", ".join(stretches[:5]) + (" and more" if len(stretches) > 5 else "")
