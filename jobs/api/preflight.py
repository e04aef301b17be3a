"""What a launch would cost and whether it would fail, before anything is created."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from core import access
from core.http import actor_of
from core.models import Role
from datasets.models import Preparation
from jobs import estimate, inspection, parents, training, tuning
from jobs.api.training import NewJob
from jobs.api.tuning import NewTuningJob
from jobs.catalogue.definition import Algorithm
from jobs.estimate import Price
from jobs.machine import Machine
from jobs.preflight import Plan, Verdict

router = Router()


class Finding(Schema):
    """`verdict` is ok, warning, would fail or could not be checked; `field` the one to change."""

    check: str
    verdict: str
    words: str
    field: str
    certain: bool


class PriceOf(Schema):
    """US dollars at on-demand prices, of all instances and trials; None where not known.

    `source` says whose price list it is. `expected_*` come from `expected_from` finished jobs.
    """

    usd_per_hour: float | None
    source: str
    fetched_at: datetime | None
    expected_seconds: float | None
    expected_usd: float | None
    expected_from: int
    cap_usd: float | None
    is_charged: bool


class Preflight(Schema):
    """`errors` are those that the launch itself would answer with 422, by field."""

    would_fail: bool
    errors: dict[str, list[str]]
    findings: list[Finding]
    price: PriceOf


@router.post("/jobs/preflight", response=Preflight)
def preflight_job(request: HttpRequest, wish: NewJob) -> dict[str, Any]:
    preparation, entry = _asked(request, wish.preparation, wish.algorithm)
    texts, machine = wish.texts(), wish.machine
    errors = training.problems(texts, preparation=preparation, algorithm=entry, machine=machine)
    plan = training.plan_of(preparation, entry, texts, machine)
    return _answer(preparation, plan, errors, _price(preparation, entry, texts, machine))


@router.post("/tuning-jobs/preflight", response=Preflight)
def preflight_tuning_job(request: HttpRequest, wish: NewTuningJob) -> dict[str, Any]:
    preparation, entry = _asked(request, wish.preparation, wish.algorithm)
    texts, search, machine = wish.texts(), wish.search, wish.machine
    spans = [one.texts() for one in wish.ranges]
    found = tuning.check(entry, preparation, texts, spans, search, machine)
    heir = tuning.heir_of(entry, preparation, found, search.objective)
    _, misfits = parents.chosen(wish.warm_start.model_dump() if wish.warm_start else {}, heir)
    plan = tuning.plan_of(entry, preparation, texts, search, machine)
    trials = tuning.trials_of(found, search.strategy, search.max_jobs)
    price = _price(preparation, entry, texts, machine, trials=trials)
    return _answer(preparation, plan, found.errors | misfits, price)


def _asked(request: HttpRequest, uid: str, algorithm: str) -> tuple[Preparation, Algorithm]:
    rows = Preparation.objects.select_related("dataset", "workspace")
    preparation = access.fetch(rows, actor_of(request), uid, role=Role.MEMBER)
    entry = training.known_algorithm(algorithm)
    training.need_data(preparation)
    return preparation, entry


def _price(
    preparation: Preparation,
    entry: Algorithm,
    texts: Mapping[str, str],
    machine: Machine,
    *,
    trials: int = 1,
) -> Price:
    return estimate.price(
        preparation.workspace,
        instance_type=machine.instance_type,
        instances=machine.instance_count,
        trials=trials,
        longest=machine.max_runtime_seconds,
        is_spot=machine.use_spot,
        alike=estimate.like(
            preparation.workspace,
            entry,
            rows=training.data_of(preparation).rows,
            texts=texts,
            instance_type=machine.instance_type,
            instance_count=machine.instance_count,
        ),
    )


def _answer(
    preparation: Preparation, plan: Plan, errors: dict[str, list[str]], price: Price
) -> dict[str, Any]:
    findings = inspection.looked_at(plan, preparation.workspace)
    expected = price.expected
    return {
        "would_fail": bool(errors) or any(f.verdict is Verdict.WOULD_FAIL for f in findings),
        "errors": errors,
        "findings": [vars(one) | {"verdict": one.verdict.value} for one in findings],
        "price": {
            "usd_per_hour": price.hourly,
            "source": price.rate.source if price.rate else "",
            "fetched_at": price.rate.fetched_at if price.rate else None,
            "expected_seconds": expected.seconds if expected else None,
            "expected_usd": price.likely,
            "expected_from": expected.jobs if expected else 0,
            "cap_usd": price.cap,
            "is_charged": price.is_charged,
        },
    }
