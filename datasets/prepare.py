"""From a dataset to an algorithm's channels: ask, then write them in a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import BinaryIO, Unpack

from aws import s3
from core import audit, states
from core.access import Actor
from core.errors import NotFound
from core.models import Role
from datasets import placing, preparing
from datasets import recipe as recipes
from datasets.errors import NoLabelledRows
from datasets.models import Dataset, Preparation
from datasets.originals import sources
from datasets.outcomes import renew, settled
from datasets.parts import PartWriter
from datasets.upload import prefix
from datasets.wishes import Wish, check, preview, recipe_of, whole
from datasets.writing.lines import NoLabels, lines_of

__all__ = ["check", "prepare", "preview", "recipe_of", "request", "split_lines"]

LEASE = timedelta(minutes=2)  # renewed with each block of rows
REPORT_SECONDS = 1


def request(
    who: Actor | None, dataset: Dataset, *, repeats: str = "", **given: Unpack[Wish]
) -> Preparation:
    """A row Requested: nudge `prepare_channels` with its pk. Raises as `check` does.

    TooLargeHere when only a job could prepare it and none may run; `repeats` is the uid of the
    preparation whose recipe is used again.
    """
    if who:
        who.need(Role.MEMBER)
    found, wish = check(dataset, **given), whole(given)
    about = found.target or recipes.ALGORITHMS[found.algorithm].title
    preparation = Preparation(
        workspace=dataset.workspace,
        created_by=who.user if who else None,
        name=f"{dataset.name} · {about}"[:120],
        status=Preparation.Status.REQUESTED,
        dataset=dataset,
        validation_dataset=wish["validation_dataset"],
        test_dataset=wish["test_dataset"],
        target=found.target,
        algorithm=found.algorithm,
        seed=wish["seed"],
        stratify=wish["stratify"],
        recipe=found.definition.as_json(),
        repeats=repeats,
        task=found.task,
        **found.fractions._asdict(),
    )
    preparation.processing_job = placing.job_of(preparation)
    preparation.save()
    audit.note(who, "preparation.create", preparation, dataset=dataset.uid, target=found.target)
    return preparation


def prepare(preparation: Preparation, *, now: datetime) -> None:
    """Requested -> Preparing -> Ready with its channels in S3, or Failed. Repeatable.

    `preparing.run` says what it holds in memory and how often it reads.
    """
    due = not preparation.is_finished and preparation.next_check_at <= now
    if not due or not states.claim(preparation, now=now, lease=LEASE):
        return
    requested, preparing_ = Preparation.Status.REQUESTED, Preparation.Status.PREPARING
    changes = {"next_check_at": preparation.next_check_at, "progress": 0}
    states.advance(preparation, frm={requested, preparing_}, to=preparing_, **changes)
    with settled(preparation, now=now):
        _write(preparation)


def _write(preparation: Preparation) -> None:
    result = preparing.run(
        recipe_of(preparation),
        sources(preparation),
        _sinks(preparation),
        seed=preparation.seed,
        stratify=preparation.stratify,
        progress=_Report(preparation).tell,
    )
    finish(preparation, result)


def finish(preparation: Preparation, result: preparing.Result) -> bool:
    """Preparing -> Ready with what the run found; False when somebody else was first."""
    bucket, start = preparation.workspace.bucket, channels_prefix(preparation)

    def uri(path: str) -> str:
        return s3.uri(bucket, f"{start}{path}")

    described = {
        name: {"uri": uri(facts["path"])} | {k: v for k, v in facts.items() if k != "path"}
        for name, facts in result.channels.items()
    }
    return states.advance(
        preparation,
        frm=Preparation.Status.PREPARING,
        to=Preparation.Status.READY,
        task=result.task,
        encoding=result.encoding,
        features=result.features,
        labels=result.labels,
        channels=described,
        preview=result.preview,
        implied=result.implied,
        artefacts={name: uri(path) for name, path in result.artefacts.items()},
        progress=100,
    )


def channels_prefix(preparation: Preparation) -> str:
    return f"{prefix(preparation.dataset)}preparations/{preparation.uid}/"


def _sinks(preparation: Preparation) -> Callable[[str, str], PartWriter]:
    workspace, start = preparation.workspace, channels_prefix(preparation)

    def sink(path: str, content_type: str) -> PartWriter:
        place = (workspace.account, workspace.bucket, f"{start}{path}")
        return PartWriter(*place, content_type=content_type)

    return sink


class _Report:
    """Renews the claim as blocks go by, and tells the page how far it is, at most once a second."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._told = time.monotonic()

    def tell(self, percent: int) -> None:
        renew(self._preparation, LEASE)
        if time.monotonic() - self._told >= REPORT_SECONDS:
            self._told = time.monotonic()
            states.record(self._preparation, progress=percent)


def split_stream(preparation: Preparation, name: str) -> AbstractContextManager[BinaryIO]:
    """The bytes of a split that it has, as the algorithm reads them: of one object or of many."""
    account = preparation.workspace.account
    bucket, key = s3.parse_uri(preparation.channels[name]["uri"])
    if not key.endswith("/"):
        return s3.open_object(account, bucket, key)
    found = [each.key for each in s3.list_objects(account, bucket, key)]
    return s3.open_objects(account, bucket, sorted(found, key=_number))


def _number(key: str) -> int:
    """12 for …/part-12.csv: the order in which the rows of a table in parts were written."""
    return int(key.rpartition("-")[2].partition(".")[0])


def split_lines(
    preparation: Preparation, name: str, *, needs_labels: bool = True
) -> Generator[bytes]:
    """The rows of the split `name` as label-first CSV whatever their format, streamed from S3.

    Lines come without their line end; unless it `needs_labels`, rows without have empty ones.
    NotFound when the preparation has no such split, NoLabelledRows for a format without labels
    that are numbers.
    """
    if name not in preparation.channels:
        raise NotFound(f"The preparation has no {name} split.")
    channel = preparation.channels[name]
    try:
        with split_stream(preparation, name) as stream:
            width = len(preparation.features)
            yield from lines_of(channel["content_type"], stream, width, needs_labels=needs_labels)
    except NoLabels as problem:
        raise NoLabelledRows(str(problem), "Choose a split in CSV, RecordIO or libsvm.") from None
