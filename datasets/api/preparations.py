"""Recipes over rows: try, create, repeat, look, delete."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema, Status

from core import access, idempotency
from core.access import Actor
from core.errors import InvalidFields
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets import delete, prepare, repeat
from datasets.api.recipes import RecipeWish, as_json, placed
from datasets.api.schemas import Deleting, Page
from datasets.forms import PREPARATION_COLUMNS
from datasets.models import Dataset, Preparation
from datasets.tasks import delete_channels, prepare_channels

router = Router(tags=["datasets"])
FILES = ("validation_dataset", "test_dataset")


class NewPreparation(Schema):
    """Splits are fractions that sum to 1 or percentages that sum to 100.

    `target` may be empty for K-Means, PCA and Random Cut Forest. `validation_dataset` and
    `test_dataset` are ids of Ready datasets, for a recipe that splits by `files`.
    """

    target: str = ""
    algorithm: str = "xgboost"
    train: float = 0.7
    validation: float = 0.2
    test: float = 0.1
    seed: int = 0
    stratify: bool = True
    recipe: RecipeWish = RecipeWish()
    validation_dataset: str = ""
    test_dataset: str = ""


class NewRepetition(Schema):
    """`dataset` is the id of the dataset that the recipe is to be repeated on."""

    dataset: str


class PreparationSummary(Schema):
    """`channels` maps a split to uri, rows, bytes, content_type, counts; `labels[code]` a name.

    `recipe` holds what goes beyond target, shares and seed; `repeats` is the id of the preparation
    whose recipe this one repeats; `processing_job` the SageMaker job that did the work, if one did.
    """

    id: str
    name: str
    dataset: str
    validation_dataset: str | None
    test_dataset: str | None
    status: str
    progress: int
    failure_reason: str
    target: str
    algorithm: str
    train: float
    validation: float
    test: float
    seed: int
    stratify: bool
    recipe: dict[str, Any]
    repeats: str
    processing_job: str
    task: str
    features: list[str]
    labels: list[str]
    channels: dict[str, dict[str, Any]]
    artefacts: dict[str, str]
    created_at: datetime


class PreparationDetail(PreparationSummary):
    """`implied` maps hyperparameters to the values that the data decide; `preview` holds the first
    lines of the training channel."""

    implied: dict[str, str]
    preview: list[str]


class Foretold(Schema):
    """What a recipe would give, foretold from the dataset's profile and its first rows.

    `rows` and `classes` count rows in train, validation, test; `lines` are the first rows as they
    would be written; `implied` are the hyperparameters that the data decide; `left_out` says which
    columns are not used, and why; `provisional` what only preparing will know for certain.
    """

    task: str
    format: str
    rows: dict[str, int]
    classes: dict[str, tuple[int, int, int]]
    dropped: int
    features: list[str]
    left_out: list[dict[str, str]]
    labels: list[str]
    lines: list[str]
    implied: dict[str, str]
    notes: list[str]
    provisional: list[str]


class PreparationPage(Page):
    items: list[PreparationSummary]


PLAIN = [f for f in PreparationSummary.model_fields if f not in ("id", "dataset", *FILES)]


@router.post(
    "/datasets/{uid}/preparations", response={201: PreparationDetail, 200: PreparationDetail}
)
def create_preparation(
    request: HttpRequest,
    uid: str,
    wish: NewPreparation,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    """Divide a dataset and write it as an algorithm reads it.

    Wrong fields answer 422 with a message at each, those of the recipe as `recipe.split.column`.
    """
    who = actor_of(request)
    dataset = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    who = access.in_workspace_of(who, dataset)
    try:
        row, made = idempotency.once(
            who,
            idempotency_key,
            Preparation,
            lambda: prepare.request(who, dataset, **_wish(who, wish)),
            content=f"{uid}\n{wish.model_dump_json()}",
        )
    except InvalidFields as problem:
        raise placed(problem) from problem
    nudge(prepare_channels, row.pk)
    return Status(201 if made else 200, preparation_detail(row))


@router.post("/datasets/{uid}/preparations/preview", response=Foretold)
def preview_preparation(request: HttpRequest, uid: str, wish: NewPreparation) -> dict[str, Any]:
    """What the same request would prepare. Nothing is stored, no row but the first is read."""
    who = actor_of(request)
    dataset = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    wanted = _wish(access.in_workspace_of(who, dataset), wish)
    try:
        recipe = prepare.check(dataset, **wanted)
        found = prepare.preview(dataset, **wanted)
    except InvalidFields as problem:
        raise placed(problem) from problem
    same = ("features", "labels", "lines", "implied", "notes", "provisional")
    plan = {"rows": found.plan.splits, "classes": found.plan.classes, "dropped": found.plan.dropped}
    made = {"task": recipe.task, "format": recipe.format, "left_out": list(recipe.left_out)}
    return plan | made | {name: getattr(found, name) for name in same}


def _wish(who: Actor, wish: NewPreparation) -> dict[str, Any]:
    """The arguments of `prepare.check` and `prepare.request`."""
    rest = wish.model_dump(exclude={"recipe", *FILES})
    files = {name: _file(who, name, getattr(wish, name)) for name in FILES}
    return rest | files | {"recipe": as_json(wish.recipe)}


def _file(who: Actor, field: str, uid: str) -> Dataset | None:
    found = Dataset.objects.present().of(who.workspace).filter(uid=uid).first() if uid else None
    if uid and found is None:
        raise InvalidFields({field: [f"There is no dataset {uid[:40]!r} in this workspace."]})
    return found


@router.post(
    "/preparations/{uid}/repeat", response={201: PreparationDetail, 200: PreparationDetail}
)
def repeat_preparation(
    request: HttpRequest, uid: str, wish: NewRepetition, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """The same recipe on other data; everything fitted is fitted anew on its training rows.

    422 at `dataset` names the columns that it lacks; columns that it has besides are left out.
    """
    who = actor_of(request)
    preparation = access.fetch(_preparations(), who, uid, role=Role.MEMBER)
    who = access.in_workspace_of(who, preparation)
    dataset = _file(who, "dataset", wish.dataset)
    if dataset is None:
        raise InvalidFields({"dataset": ["Give the id of a dataset."]})
    row, made = idempotency.once(
        who,
        idempotency_key,
        Preparation,
        lambda: repeat.request(who, preparation, dataset),
        content=f"{uid}\n{dataset.uid}",
    )
    nudge(prepare_channels, row.pk)
    return Status(201 if made else 200, preparation_detail(row))


@router.get("/datasets/{uid}/preparations", response=PreparationPage)
def list_preparations_of_dataset(request: HttpRequest, uid: str) -> dict[str, Any]:
    dataset = access.fetch(Dataset.objects.all(), actor_of(request), uid)
    rows = Preparation.objects.present().filter(dataset=dataset).listed()
    return listed(listing(rows, request.GET, PREPARATION_COLUMNS), preparation_summary)


@router.get("/preparations", response=PreparationPage)
def list_preparations(request: HttpRequest) -> dict[str, Any]:
    rows = Preparation.objects.present().of(actor_of(request).workspace).listed()
    return listed(listing(rows, request.GET, PREPARATION_COLUMNS), preparation_summary)


@router.get("/preparations/{uid}", response=PreparationDetail)
def get_preparation(request: HttpRequest, uid: str) -> dict[str, Any]:
    return preparation_detail(access.fetch(_preparations(), actor_of(request), uid))


@router.delete("/preparations/{uid}", response={202: Deleting})
def delete_preparation(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    who = actor_of(request)
    row = access.fetch(_preparations(), who, uid, role=Role.MEMBER)
    delete.request(access.in_workspace_of(who, row), row, now=timezone.now())
    nudge(delete_channels, row.pk)
    return Status(202, {"id": row.uid})


def _preparations() -> Any:
    return Preparation.objects.select_related("dataset", *FILES)


def preparation_summary(row: Preparation) -> dict[str, Any]:
    files = {name: getattr(row, name) for name in FILES}
    return (
        {"id": row.uid, "dataset": row.dataset.uid}
        | {name: file.uid if file else None for name, file in files.items()}
        | {field: getattr(row, field) for field in PLAIN}
    )


def preparation_detail(row: Preparation) -> dict[str, Any]:
    return preparation_summary(row) | {"implied": row.implied, "preview": row.preview}
