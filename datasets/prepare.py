"""From a dataset to an algorithm's channels: ask, then write them in a worker."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws import s3
from core import audit, states
from core.access import Actor
from core.errors import Conflict, InvalidFields, NotFound
from core.models import Role
from datasets import channels, split
from datasets import recipe as recipes
from datasets.formats.sniff import MISSING, BadTable
from datasets.models import Dataset, Preparation
from datasets.outcomes import renew, settled
from datasets.reading import opened
from datasets.recipe import Recipe
from datasets.upload import prefix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEASE = timedelta(minutes=2)  # renewed with each block of rows
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

    `repeats` is the uid of the preparation whose recipe is used again.
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
    preparation = Preparation.objects.create(
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
    audit.note(who, "preparation.create", preparation, dataset=dataset.uid, target=target)
    return preparation


def prepare(preparation: Preparation, *, now: datetime) -> None:
    """Requested -> Preparing -> Ready with its channels in S3, or Failed. Repeatable.

    Holds the class and the split of each row (5 bytes a row), one block of rows and one S3 part a
    split. Three passes over the file: classes, categories of the training rows, writing.
    """
    due = not preparation.is_finished and preparation.next_check_at <= now
    if not due or not states.claim(preparation, now=now, lease=LEASE):
        return
    requested, preparing = Preparation.Status.REQUESTED, Preparation.Status.PREPARING
    lease = {"next_check_at": preparation.next_check_at}
    states.advance(preparation, frm={requested, preparing}, to=preparing, **lease)
    with settled(preparation, now=now):
        _write(preparation)


def _write(preparation: Preparation) -> None:
    found = _recipe(preparation)
    labels, classes = _classes(preparation)
    stratify = preparation.stratify and bool(labels)
    assigned = split.assign(classes, found.fractions, seed=preparation.seed, stratify=stratify)
    _refuse_empty(assigned, found.fractions)
    fitted = channels.fit(found, preparation.target, _blocks(preparation), assigned)
    written = channels.write(
        fitted,
        _blocks(preparation),
        assigned=assigned,
        classes=classes if labels else None,
        account=preparation.workspace.account,
        bucket=preparation.workspace.bucket,
        prefix=channels_prefix(preparation),
    )
    states.advance(
        preparation,
        frm=Preparation.Status.PREPARING,
        to=Preparation.Status.READY,
        encoding=fitted.encoding,
        features=fitted.names,
        labels=labels,
        channels=channels.described(written, labels),
        preview=written[0].head,
    )


def channels_prefix(preparation: Preparation) -> str:
    return f"{prefix(preparation.dataset)}preparations/{preparation.uid}/"


def _recipe(preparation: Preparation) -> Recipe:
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


def _blocks(preparation: Preparation) -> Iterator[channels.Block]:
    """The column names with each block of rows; the claim is renewed as they go by."""
    with opened(preparation.dataset) as reader:
        for block in reader:
            yield reader.names, block
            renew(preparation, LEASE)


def _classes(preparation: Preparation) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The labels, and each row's code; -1 without a value. A quantity has no labels and code 0."""
    import numpy as np

    column = next(c for c in preparation.dataset.columns if c["name"] == preparation.target)
    is_quantity = preparation.task == Preparation.Task.REGRESSION
    codes = array("i")
    seen: dict[str, int] = {}
    for names, rows in _blocks(preparation):
        place = names.index(preparation.target)
        values = [row[place].strip() for row in rows]
        if is_quantity:
            codes.extend([-1 if value in MISSING else 0 for value in values])
        else:
            for value in values:
                name = recipes.class_name(value, column["dtype"])
                codes.append(-1 if value in MISSING else seen.setdefault(name, len(seen)))
    labels = recipes.in_order(set(seen), column["dtype"])
    if len(labels) < 2 and not is_quantity:
        raise BadTable(f"Only one class: every row is “{''.join(labels)}”.")
    by_label = np.array([labels.index(name) for name in seen] + [-1], dtype=np.int32)
    first_seen = np.frombuffer(codes, dtype=np.intc)
    return labels, first_seen.astype(np.int32) if is_quantity else by_label[first_seen]


def _refuse_empty(assigned: npt.NDArray[np.uint8], shares: split.Fractions) -> None:
    for number, name in enumerate(split.SPLITS):
        if shares[number] and not (assigned == number).any():
            raise BadTable(
                f"The {name} split would get no row.", "Give it a larger share, or none at all."
            )


def split_lines(preparation: Preparation, name: str) -> Iterator[bytes]:
    """The rows of the split `name` as the algorithm gets them, label first, streamed from S3.

    Lines come without their line end. NotFound when the preparation has no such split.
    """
    if name not in preparation.channels:
        raise NotFound(f"The preparation has no {name} split.")
    bucket, key = s3.parse_uri(preparation.channels[name]["uri"])
    with s3.open_object(preparation.workspace.account, bucket, key) as stream:
        for line in stream:
            yield line.rstrip(b"\n")
