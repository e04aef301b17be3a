"""Experiments: named groups of runs, made when a run first names them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce

from core import audit
from core.access import Actor
from core.errors import InvalidFields
from core.listing import Columns
from jobs.directions import direction
from jobs.models import Experiment, ExperimentQuerySet, TrainingJob

NAME = 120
TAG = 60
TAGS = 20
COLUMNS = Columns(
    search=("name", "notes", "tags"),
    sorts={"name": "name", "runs": "runs", "active": "active_at", "created": "created_at"},
    default="-active",
    exact=(),
    kept=("archived",),
)
JOBS = Columns(
    search=("name", "uid", "algorithm", "preparation__dataset__name"),
    sorts={
        "created": "created_at",
        "name": "name",
        "status": "status",
        "metric": "headline_value",
        "duration": "training_seconds",
    },
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is None stays as it is."""

    name: str | None = None
    tags: Sequence[str] | None = None
    archived: bool | None = None


def named(who: Actor, name: str) -> Experiment | None:
    """The workspace's experiment called `name`, new or not; None for a blank name.

    One that was archived comes back: something happens in it again.
    """
    name = name.strip()
    if not name:
        return None
    experiment, _ = Experiment.objects.get_or_create(
        workspace=who.workspace, name=name, defaults={"created_by": who.user}
    )
    if experiment.archived_at is not None:
        change(who, experiment, Change(archived=False))
    return experiment


def words(text: str) -> list[str]:
    """Tags as people write them: between commas, each once."""
    return list(dict.fromkeys(" ".join(word.split()) for word in text.split(",") if word.strip()))


def change(
    who: Actor, experiment: Experiment, wish: Change, *, now: datetime | None = None
) -> Experiment:
    """Rename, tag, archive (at `now`) or bring back; InvalidFields for what cannot be."""
    changes: dict[str, object] = {}
    if wish.name is not None:
        changes["name"] = wish.name.strip()
    if wish.tags is not None:
        changes["tags"] = words(",".join(wish.tags))
    if wish.archived is not None and wish.archived != (experiment.archived_at is not None):
        changes["archived_at"] = now if wish.archived else None
    changes = {name: new for name, new in changes.items() if new != getattr(experiment, name)}
    _check(changes)
    if not changes:
        return experiment
    try:
        with transaction.atomic():
            Experiment.objects.filter(pk=experiment.pk).update(**changes)
    except IntegrityError as error:
        raise InvalidFields({"name": ["Another experiment has this name."]}) from error
    experiment.refresh_from_db()
    audit.note(who, "experiment.change", experiment, changed=sorted(changes))
    return experiment


def _check(changes: dict[str, object]) -> None:
    errors: dict[str, list[str]] = {}
    if not 0 < len(str(changes.get("name", "x"))) <= NAME:
        errors["name"] = [f"A name has 1 to {NAME} characters."]
    tags = changes.get("tags", [])
    if isinstance(tags, list) and (len(tags) > TAGS or any(len(tag) > TAG for tag in tags)):
        errors["tags"] = [f"At most {TAGS} tags of at most {TAG} characters."]
    if errors:
        raise InvalidFields(errors)


def summed() -> ExperimentQuerySet:
    """Experiments with `runs`, how many jobs they hold, and `active_at`, when one last moved."""
    there = Q(jobs__deleted_at__isnull=True)
    return Experiment.objects.present().annotate(
        runs=Count("jobs", filter=there),
        active_at=Coalesce(Max("jobs__status_at", filter=there), "created_at"),
    )


def best_of(experiments: Iterable[Experiment]) -> dict[int, TrainingJob]:
    """The best run of each, by its primary key: by the metric that most of its runs go by.

    None of an experiment without values, or where nobody knows which way its metric is better.
    """
    rows = TrainingJob.objects.present().filter(headline_value__isnull=False)
    ways = rows.filter(experiment__in=list(experiments)).values("experiment", "headline_metric")
    ways = ways.annotate(runs=Count("pk"), low=Min("headline_value"), high=Max("headline_value"))
    wanted: dict[int, Q] = {}
    for one in ways.order_by("runs", "-headline_metric"):  # the last stays
        way = direction(one["headline_metric"])
        wanted[one["experiment"]] = (
            Q(
                experiment=one["experiment"],
                headline_metric=one["headline_metric"],
                headline_value=one["high"] if way == "maximize" else one["low"],
            )
            if way
            else Q(pk=None)
        )
    matches = Q(pk=None)
    for one_of in wanted.values():
        matches |= one_of
    found = rows.filter(matches).listed().order_by("-created_at", "-pk")  # the first one stays
    return {job.experiment_id: job for job in found if job.experiment_id is not None}
