"""What a launch may take and cost: from the jobs like it that finished, and from list prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite, log
from statistics import median
from typing import Any

from django.db.models import Q

from aws import pricing
from core.models import Workspace
from jobs.catalogue.definition import Algorithm
from jobs.models import TrainingJob
from jobs.prices import Book, Rate

LOOKED_AT = 200  # the newest finished jobs of the algorithm
NEAREST = 5
# A job with a hundred times the work, or a hundredth of it, says nothing about this one.
FARTHEST = log(100)
# Of the training time about so much does not grow with the data: download, start, upload.
FIXED_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Like:
    """What is to be estimated: `steps` times `rows` is the work, 1 where neither is known."""

    workspace: Workspace
    which: Q  # the jobs that do the same
    instance_type: str
    instance_count: int = 1
    rows: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    steps: str = ""  # the hyperparameter that says how many there will be
    usual_steps: float = 1.0


@dataclass(frozen=True)
class Expected:
    """Seconds of training, as AWS bills them: the likely ones, and the range of `jobs` alike."""

    seconds: float
    low: float
    high: float
    jobs: int


def like(
    workspace: Workspace,
    entry: Algorithm,
    *,
    rows: int,
    texts: Mapping[str, str],
    instance_type: str,
    instance_count: int,
) -> Like:
    """A job of the catalogue's algorithm."""
    usual = entry.by_name[entry.steps] if entry.steps else None
    return Like(
        workspace=workspace,
        which=Q(algorithm=entry.name),
        instance_type=instance_type,
        instance_count=instance_count,
        rows=rows,
        texts=texts,
        steps=entry.steps,
        usual_steps=_number(usual.default if usual else "", 1.0),
    )


def expected(wanted: Like) -> Expected | None:
    """None when no job like it has finished in the workspace.

    The nearest jobs by rows and steps count. Their time is scaled by the work and, at Amazon, by
    the number of processors: a rule of thumb, which is why the range is told with it.
    """
    done = TrainingJob.objects.of(wanted.workspace).filter(
        wanted.which,
        status=TrainingJob.Status.COMPLETED,
        training_seconds__gt=0,
        instance_count=wanted.instance_count,
    )
    names = ("training_seconds", "instance_type", "hyperparameters", "preparation__channels")
    found: list[tuple[float, float]] = []
    for seconds, instance, texts, channels in done.order_by("-ended_at").values_list(*names)[
        :LOOKED_AT
    ]:
        speed = _speed(wanted, instance)
        rows = (channels or {}).get("train", {}).get("rows", 0)
        if speed is None or (wanted.rows and not rows):
            continue
        more = _work(wanted, wanted.rows, wanted.texts) / _work(wanted, rows, texts)
        if (distance := abs(log(more)) + abs(log(speed))) <= FARTHEST:
            fixed = min(seconds, FIXED_SECONDS)
            found.append((distance, fixed + (seconds - fixed) * more * speed))
    nearest = [seconds for _, seconds in sorted(found)[:NEAREST]]
    if not nearest:
        return None
    return Expected(median(nearest), min(nearest), max(nearest), len(nearest))


def _work(wanted: Like, rows: int, texts: Mapping[str, Any]) -> float:
    steps = _number(texts.get(wanted.steps, ""), wanted.usual_steps) if wanted.steps else 1.0
    return max(1, rows if wanted.rows else 1) * max(1.0, steps)


def _number(text: str, otherwise: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return otherwise
    return number if isfinite(number) else otherwise


def _speed(wanted: Like, instance_type: str) -> float | None:
    """How many times as long it takes on the wished machine; None when that is not comparable."""
    if wanted.workspace.kind == Workspace.Kind.LOCAL or instance_type == wanted.instance_type:
        return 1.0  # localaws runs every type on this machine
    theirs, ours = pricing.size(instance_type), pricing.size(wanted.instance_type)
    if theirs is None or ours is None or bool(theirs.gpus) != bool(ours.gpus):
        return None
    if ours.gpus and theirs.gpus:
        return theirs.gpus / ours.gpus
    return theirs.vcpus / ours.vcpus


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a launch may cost, in US dollars; sums are None where no price is known.

    `expected` is of one job; `trials` jobs are launched. With spot all sums are at the on-demand
    price: how much less a spot machine costs is known only when it runs.
    """

    rate: Rate | None
    instances: int = 1
    trials: int = 1
    expected: Expected | None = None
    longest: int | None = None  # seconds of one job
    is_spot: bool = False
    is_charged: bool = True

    @property
    def hourly(self) -> float | None:
        """Of one job, all its instances."""
        return self.rate.usd_per_hour * self.instances if self.rate else None

    @property
    def cap(self) -> float | None:
        """When every job runs until AWS ends it."""
        return self._sum(self.longest)

    @property
    def likely(self) -> float | None:
        return self._sum(self.expected.seconds if self.expected else None)

    @property
    def low(self) -> float | None:
        return self._sum(self.expected.low if self.expected else None)

    @property
    def high(self) -> float | None:
        return self._sum(self.expected.high if self.expected else None)

    @cached_property
    def may_be_ended(self) -> bool:
        """Whether jobs like it took longer than this one may."""
        return bool(self.expected and self.longest and self.expected.high > self.longest)

    def _sum(self, seconds: float | None) -> float | None:
        if seconds is None or self.hourly is None:
            return None
        return self.hourly * seconds * self.trials / 3_600


def price(  # noqa: PLR0913  each is a field of the form
    workspace: Workspace,
    *,
    instance_type: str,
    instances: int = 1,
    trials: int = 1,
    longest: int | None = None,
    is_spot: bool = False,
    alike: Like | None = None,
    book: Book | None = None,
) -> Price:
    """What launching it here may cost; without `alike` nothing is expected, only capped."""
    return Price(
        rate=(book or Book(workspace.region)).rate(instance_type),
        instances=instances,
        trials=trials,
        expected=expected(alike) if alike else None,
        longest=longest,
        is_spot=is_spot,
        is_charged=workspace.kind == Workspace.Kind.AWS,
    )
