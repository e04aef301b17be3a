"""One tuning job: wished for (a row), submitted to AWS, stopped. Its trials are ordinary jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from aws import naming, sagemaker
from aws.types import ParameterRange, TrainingJobSpec, TuningJobSpec
from core import audit
from core.access import Actor, in_workspace_of
from core.errors import InvalidFields
from core.models import Role
from datasets.models import Preparation
from jobs import experiments, parents, preflight, ranges, submission, training
from jobs import machine as machines
from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Algorithm
from jobs.machine import Machine
from jobs.models import TrainingJob, TuningJob

Status = TuningJob.Status
Spans = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Search:
    """How values are chosen, and when enough were tried."""

    objective: str
    strategy: str = "Bayesian"
    max_jobs: int = 9
    max_parallel: int = 3
    early_stopping: bool = False
    seed: int | None = None


def check(
    entry: Algorithm,
    preparation: Preparation,
    texts: Mapping[str, str],
    spans: Spans,
    search: Search,
    machine: Machine,
) -> ranges.Wish:
    """What would be tried, with every error by field."""
    found = ranges.check(
        entry,
        training.data_of(preparation),
        texts=texts,
        ranges=spans,
        objective=search.objective,
        strategy=search.strategy,
        max_jobs=search.max_jobs,
        max_parallel=search.max_parallel,
    )
    plan = plan_of(entry, preparation, texts, search, machine)
    trouble = machines.problems(machine) | preflight.refusals(plan)
    return replace(found, errors=trouble | found.errors)


def plan_of(
    entry: Algorithm,
    preparation: Preparation,
    texts: Mapping[str, str],
    search: Search,
    machine: Machine,
) -> preflight.Plan:
    """The wish as it is looked at before a launch."""
    plan = training.plan_of(preparation, entry, texts, machine)
    return replace(plan, objective=search.objective, at_once=max(1, search.max_parallel))


def request(  # noqa: PLR0913  # the wish as the API takes it
    who: Actor,
    *,
    preparation: Preparation,
    algorithm: str,
    hyperparameters: Mapping[str, str],
    ranges: Spans,
    search: Search,
    machine: Machine,
    warm_start: Mapping[str, Any] | None = None,
    experiment: str = "",
    name: str = "",
) -> TuningJob:
    """Write the wish down, in the preparation's workspace: nudge `submit_tuning_job`.

    `ranges` are {name, low, high, scaling} or {name, values}; `warm_start` is {kind, parents} with
    the uids of finished tuning jobs. Raises InvalidFields with every error at once,
    UnknownAlgorithm, and NotReady.
    """
    who = in_workspace_of(who, preparation)
    who.need(Role.MEMBER)
    entry = training.known_algorithm(algorithm)
    training.need_data(preparation)
    found = check(entry, preparation, hyperparameters, ranges, search, machine)
    started, trouble = parents.chosen(
        warm_start or {}, heir_of(entry, preparation, found, search.objective)
    )
    names = training.too_long(name=name, experiment=experiment)
    if errors := found.errors | trouble | names:
        raise InvalidFields(errors)
    row = TuningJob(
        name=name.strip() or f"Tune {entry.title} on {preparation.dataset.name}"[:120],
        experiment=experiments.named(who, experiment),
        preparation=preparation,
        warm_start=started,
        **asdict(search),
        **machine.columns,
    )
    return _written(who, entry, found, row)


def heir_of(
    entry: Algorithm, preparation: Preparation, found: ranges.Wish, objective: str
) -> parents.Heir:
    """What the parents of a warm start must be like."""
    return parents.Heir(
        workspace=preparation.workspace,
        algorithm=entry.name,
        preparation=preparation.pk,
        objective=objective,
        hyperparameters=len(found.texts) + len(found.spans),
    )


def trials_of(found: ranges.Wish, strategy: str, max_jobs: int) -> int:
    """How many trials there will be at the most: a grid has one for each combination."""
    return ranges.points(found.spans) if strategy == "Grid" else max_jobs


def _written(who: Actor, entry: Algorithm, found: ranges.Wish, row: TuningJob) -> TuningJob:
    row.workspace, row.created_by = who.workspace, who.user
    row.status = Status.REQUESTED
    row.algorithm = entry.name
    row.image = training.image_of(entry, who.workspace.region)
    row.hyperparameters = found.texts
    row.ranges = [span.as_json() for span in found.spans]
    row.max_jobs = trials_of(found, row.strategy, row.max_jobs)
    row.direction = "maximize" if entry.maximizes(row.objective) else "minimize"
    row.save()
    audit.note(who, "tuning.create", row, algorithm=entry.name, objective=row.objective)
    return row


def submit(job: TuningJob, *, now: datetime) -> None:
    """Create the tuning job at AWS; see `submission.submit`."""
    submission.submit(job, VERBS, now=now)


def stop(who: Actor, job: TuningJob, *, now: datetime) -> None:
    """Ask for the end of it and of its trials; see `submission.stop`."""
    submission.stop(who, job, now=now)


def halt(job: TuningJob, *, now: datetime) -> None:
    """Hand the wish to stop to AWS; see `submission.halt`."""
    submission.halt(job, VERBS, now=now)


def best(job: TuningJob) -> TrainingJob | None:
    """The best trial so far, once the mirror has found it."""
    if not job.best_name:
        return None
    return TrainingJob.objects.of(job.workspace).filter(aws_name=job.best_name).first()


def spec(job: TuningJob) -> TuningJobSpec:
    """What CreateHyperParameterTuningJob is asked for."""
    trial = TrainingJobSpec(
        name="",
        image=job.image,
        role_arn=job.workspace.execution_role_arn,
        hyperparameters=job.hyperparameters,
        channels=training.channel_specs(ALGORITHMS[job.algorithm], job.preparation),
        output_s3_uri=training.output_uri(job),
        instance_type=job.instance_type,
        instance_count=job.instance_count,
        volume_gb=job.volume_gb,
        max_runtime_seconds=job.max_runtime_seconds,
        use_spot=job.use_spot,
        max_wait_seconds=job.max_wait_seconds,
        environment=job.environment,
    )
    return TuningJobSpec(
        name=job.aws_name,
        trial=trial,
        ranges=tuple(
            ParameterRange(**{**one, "values": tuple(one["values"])}) for one in job.ranges
        ),
        objective=job.objective,
        direction=job.direction.capitalize(),
        strategy=job.strategy,
        max_jobs=job.max_jobs,
        max_parallel=job.max_parallel,
        early_stopping=job.early_stopping,
        seed=job.seed,
        max_resource=ranges.rounds(ALGORITHMS[job.algorithm], job.hyperparameters),
        warm_start=job.warm_start.get("kind", ""),
        parents=tuple(job.warm_start.get("parents", ())),
        tags={**job.aws_tags, submission.TAG: job.uid},
    )


VERBS = submission.Verbs[TuningJob](
    name=lambda job: naming.tuning_job(job.name, job.uid),
    create=lambda job: sagemaker.create_tuning_job(job.workspace.account, spec(job)),
    arn=lambda job: sagemaker.describe_tuning_job(job.workspace.account, job.aws_name).arn,
    stop=lambda job: sagemaker.stop_tuning_job(job.workspace.account, job.aws_name),
)
