"""From a dataset to an algorithm's channels: ask, then write them in a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from aws import s3
from core import audit, states
from core.access import Actor
from core.errors import Conflict, InvalidFields, NotFound
from core.models import Role
from datasets import placing, preparing
from datasets import recipe as recipes
from datasets.errors import NoLabelledRows
from datasets.foretell import Foretold, foretell, head_of
from datasets.formats.block import Block
from datasets.formats.sniff import BadTable
from datasets.models import Dataset, Preparation
from datasets.outcomes import renew, settled
from datasets.parts import PartWriter
from datasets.reading import blocks
from datasets.recipe import Recipe
from datasets.survey import MAIN, Source, Sources
from datasets.upload import prefix
from datasets.writing.lines import NoLabels, lines_of

LEASE = timedelta(minutes=2)  # renewed with each block of rows
REPORT_SECONDS = 1
MAX_SEED = 2**31 - 1


def check(  # noqa: PLR0913  # a recipe's parts, all by name
    dataset: Dataset,
    *,
    target: str = "",
    algorithm: str = "xgboost",
    train: float = 0.7,
    validation: float = 0.2,
    test: float = 0.1,
    seed: int = 0,
    stratify: bool = True,
    recipe: Mapping[str, Any] | None = None,
    validation_dataset: Dataset | None = None,
    test_dataset: Dataset | None = None,
) -> Recipe:
    """What a preparation would do; InvalidFields at the fields, Conflict unless Ready.

    The splits are fractions that sum to 1 or percentages that sum to 100; `recipe` is what
    `datasets.recipe.parse` reads, which also says what its fields are called.
    """
    if dataset.status != Dataset.Status.READY:
        raise Conflict(
            f"The dataset is {dataset.status}; only a Ready one can be prepared.",
            dataset.failure_reason or "Wait until it has been looked at.",
        )
    errors = {} if 0 <= seed <= MAX_SEED else {"seed": [f"Must be from 0 to {MAX_SEED:,}."]}
    given = {"validation": validation_dataset, "test": test_dataset}
    files = {name: file for name, file in given.items() if file is not None}
    errors |= _bad_files(dataset, files)
    try:
        found = recipes.check(
            dataset.columns,
            dataset.rows or 0,
            target=target,
            algorithm=algorithm,
            fractions=(train, validation, test),
            stratify=stratify,
            recipe=recipe,
            files={name: (file.columns, file.rows or 0) for name, file in files.items()},
        )
    except recipes.BadRecipe as problem:
        raise InvalidFields(problem.errors | errors) from problem
    if errors:
        raise InvalidFields(errors)
    return found


def preview(dataset: Dataset, *, stratify: bool = True, **wish: Any) -> Foretold:
    """What `check` would let through, as it will be written; raises as `check` does."""
    texts = dataset.insights.get("texts") or {}
    return foretell(
        check(dataset, stratify=stratify, **wish),
        dataset.columns,
        head=head_of(dataset.preview),
        stratify=stratify,
        words={
            name: [word["word"] for word in facts.get("words", ())] for name, facts in texts.items()
        },
    )


def _bad_files(dataset: Dataset, files: Mapping[str, Dataset]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, file in files.items():
        if file.workspace_id != dataset.workspace_id:
            errors[f"{name}_dataset"] = ["It belongs to another workspace."]
        elif file.status != Dataset.Status.READY:
            errors[f"{name}_dataset"] = [f"“{file.name}” is {file.status}; it must be Ready."]
        elif file.pk == dataset.pk:
            errors[f"{name}_dataset"] = ["It is the dataset itself: its rows train."]
    return errors


def request(  # noqa: PLR0913  # a recipe's parts, all by name
    who: Actor | None,
    dataset: Dataset,
    *,
    target: str = "",
    algorithm: str = "xgboost",
    train: float = 0.7,
    validation: float = 0.2,
    test: float = 0.1,
    seed: int = 0,
    stratify: bool = True,
    recipe: Mapping[str, Any] | None = None,
    validation_dataset: Dataset | None = None,
    test_dataset: Dataset | None = None,
    repeats: str = "",
) -> Preparation:
    """A row Requested: nudge `prepare_channels` with its pk. Raises as `check` does.

    TooLargeHere when only a job could prepare it and none may run; `repeats` is the uid of the
    preparation whose recipe is used again.
    """
    if who:
        who.need(Role.MEMBER)
    found = check(
        dataset,
        target=target,
        algorithm=algorithm,
        train=train,
        validation=validation,
        test=test,
        seed=seed,
        stratify=stratify,
        recipe=recipe,
        validation_dataset=validation_dataset,
        test_dataset=test_dataset,
    )
    about = target or recipes.ALGORITHMS[algorithm].title
    preparation = Preparation(
        workspace=dataset.workspace,
        created_by=who.user if who else None,
        name=f"{dataset.name} · {about}"[:120],
        status=Preparation.Status.REQUESTED,
        dataset=dataset,
        validation_dataset=validation_dataset,
        test_dataset=test_dataset,
        target=target,
        algorithm=algorithm,
        seed=seed,
        stratify=stratify,
        recipe=found.definition.as_json(),
        repeats=repeats,
        task=found.task,
        **found.fractions._asdict(),
    )
    preparation.processing_job = placing.job_of(preparation)
    preparation.save()
    audit.note(who, "preparation.create", preparation, dataset=dataset.uid, target=target)
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
        _sources(preparation),
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


def recipe_of(preparation: Preparation) -> Recipe:
    """The recipe that the row asked for, checked once more; BadTable when it fits no longer."""
    try:
        return check(
            preparation.dataset,
            target=preparation.target,
            algorithm=preparation.algorithm,
            train=preparation.train,
            validation=preparation.validation,
            test=preparation.test,
            seed=preparation.seed,
            stratify=preparation.stratify,
            recipe=preparation.recipe,
            validation_dataset=preparation.validation_dataset,
            test_dataset=preparation.test_dataset,
        )
    except InvalidFields as problem:
        raise BadTable(problem.message) from problem


def _sources(preparation: Preparation) -> Sources:
    def source(dataset: Dataset) -> Source:
        def read(columns: Collection[str], numbers: Collection[str] = ()) -> Iterator[Block]:
            return blocks(dataset, numbers=numbers, columns=columns)

        return read

    given = {
        MAIN: preparation.dataset,
        "validation": preparation.validation_dataset,
        "test": preparation.test_dataset,
    }
    return {name: source(dataset) for name, dataset in given.items() if dataset is not None}


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


def split_lines(preparation: Preparation, name: str) -> Iterator[bytes]:
    """The rows of the split `name` as label-first CSV whatever their format, streamed from S3.

    Lines come without their line end. NotFound when the preparation has no such split,
    NoLabelledRows for a format without labels that are numbers.
    """
    if name not in preparation.channels:
        raise NotFound(f"The preparation has no {name} split.")
    channel = preparation.channels[name]
    try:
        with split_stream(preparation, name) as stream:
            yield from lines_of(channel["content_type"], stream, len(preparation.features))
    except NoLabels as problem:
        raise NoLabelledRows(str(problem), "Choose a split in CSV, RecordIO or libsvm.") from None
