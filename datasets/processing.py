"""Preparing by a SageMaker Processing job: submitted, followed, its result taken over.

The row names the job before it exists (`placing.job_of`), so whoever takes the row up looks there
first. A table in many parts takes two jobs, one after the other; see docs/decisions/0007.
"""

import json
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from aws import errors as aws
from aws import images, s3, sagemaker
from aws.types import ProcessingInput, ProcessingJob, ProcessingJobSpec, ProcessingOutput
from core import failpoints, states
from datasets import packing, placing, prepare
from datasets.batch import order as orders
from datasets.batch import stages
from datasets.formats.sniff import BadTable
from datasets.models import Preparation
from datasets.outcomes import settled
from datasets.preparing import Result
from datasets.reading import dialect_of, keys

TAG = "mlconsole:id"
LEASE = timedelta(minutes=1)
POLL = timedelta(seconds=5)
# scikit-learn 1.9 on Python 3.12, by its pull request aws/deep-learning-containers#6397.
IMAGE = "sagemaker-scikit-learn", "1.9-0-cpu-py3"
PACKAGES = ("polars", "numpy", "scipy", "pyarrow")
INSTANCE_TYPE = "ml.m5.xlarge"
HERE = "/opt/ml/processing"
GIVEN, MADE = f"{HERE}/given", f"{HERE}/made"
MESSAGE = "/opt/ml/output/message"
GIGABYTE = 2**30
DISK_GB, MOST_DISK_GB = 30, 16_384
OVER = {"Completed", "Failed", "Stopped"}
Status = Preparation.Status


def work(preparation: Preparation, *, now: datetime) -> None:
    """One step of a preparation, in our worker or by its job. Repeatable."""
    if not preparation.processing_job:
        prepare.prepare(preparation, now=now)
        return
    due = not preparation.is_finished and preparation.next_check_at <= now
    if not due or not states.claim(preparation, now=now, lease=LEASE):
        return
    with settled(preparation, now=now):
        if preparation.status == Status.REQUESTED:
            _submit(preparation)
            states.advance(
                preparation, frm=Status.REQUESTED, to=Status.PREPARING, next_check_at=now + POLL
            )
        else:
            _follow(preparation, now=now)


def stop(preparation: Preparation) -> bool:
    """Whether its job is over; asked to stop while it is not. Raises AwsError."""
    account, name = preparation.workspace.account, preparation.processing_job
    try:
        if sagemaker.describe_processing_job(account, name).status in OVER:
            return True
        sagemaker.stop_processing_job(account, name)
    except aws.NotFound:
        return True
    except aws.WrongState:  # it has just ended, or is ending
        pass
    return False


def _follow(preparation: Preparation, *, now: datetime) -> None:
    try:
        job = sagemaker.describe_processing_job(
            preparation.workspace.account, preparation.processing_job
        )
    except aws.NotFound:  # named, but whoever was to create it did not live to do so
        _submit(preparation)
        _look_again(preparation, now=now)
        return
    if job.status == "Completed":
        _completed(preparation, now=now)
    elif job.status in OVER:
        raise BadTable(_reason(job))
    else:
        _look_again(preparation, now=now)


def _look_again(preparation: Preparation, *, now: datetime) -> None:
    """Quietly: nothing changed that a page shows."""
    Preparation.objects.filter(pk=preparation.pk, status=preparation.status).update(
        next_check_at=now + POLL, attempts=0
    )


def _reason(job: ProcessingJob) -> str:
    """What the program said of the data comes first, what AWS says of the job next."""
    said = job.exit_message or job.failure_reason or f"It is {job.status}."
    return f"The processing job {job.name} failed: {said}"


def _completed(preparation: Preparation, *, now: datetime) -> None:
    stage = placing.stage_of(preparation)
    if stage == placing.DIVIDE:
        following = placing.name_of(preparation, placing.WRITE)
        states.record(preparation, processing_job=following, progress=50)
        _submit(preparation)
        _look_again(preparation, now=now)
    elif stage == placing.WRITE:
        plan = _stored(preparation, f"{stages.PLAN}/plan.json")
        parts = range(len(plan["rows"]))
        written = [_stored(preparation, f"{stages.RESULT}/part-{n}.json") for n in parts]
        prepare.finish(preparation, stages.summed(_order(preparation), plan, written))
    else:
        found = _stored(preparation, f"{stages.RESULT}/result.json")
        prepare.finish(preparation, Result(**found))


def _stored(preparation: Preparation, path: str) -> Any:
    workspace = preparation.workspace
    key = f"{_folder(preparation)}{path}"
    try:
        return json.loads(s3.get_object(workspace.account, workspace.bucket, key))
    except aws.NotFound:
        raise BadTable(f"The job left no {path}.", "Prepare it again.") from None


def _folder(preparation: Preparation) -> str:
    """What the job is given and leaves beside the channels; deleted with them."""
    return f"{prepare.channels_prefix(preparation)}job/"


def _submit(preparation: Preparation) -> None:
    """Create the job that the row names, or adopt what an earlier attempt created."""
    workspace = preparation.workspace
    if not Preparation.objects.present().filter(pk=preparation.pk).exists():
        return
    spec = _spec(preparation)
    try:
        for name, content in _files(preparation).items():
            key = f"{_folder(preparation)}{name}"
            s3.put_object(workspace.account, workspace.bucket, key, content)
        sagemaker.create_processing_job(workspace.account, spec)
    except aws.AlreadyExists:
        _check_ours(preparation)
    finally:
        # If it was deleted meanwhile, a sweep has to stop and clear this too.
        named = {"processing_job": preparation.processing_job}
        deleted = Preparation.objects.filter(pk=preparation.pk, deleted_at__isnull=False)
        deleted.update(**named)
    failpoints.reach("datasets.processing.after_create")


def _check_ours(preparation: Preparation) -> None:
    account, name = preparation.workspace.account, preparation.processing_job
    arn = sagemaker.describe_processing_job(account, name).arn
    if sagemaker.list_tags(account, arn).get(TAG) != preparation.uid:
        raise BadTable(f"A job that this console did not make already has this name: {name}.")


def _files(preparation: Preparation) -> dict[str, bytes]:
    """What the job reads beside the data: the program, the order, and which objects are the data.

    An S3 prefix would not do: previews and channels lie under a dataset's own.
    """
    bucket = preparation.workspace.bucket
    files = {
        "code/prepare.pyz": packing.program(),
        "order/order.json": orders.to_json(_order(preparation)),
    }
    for name, dataset in placing.tables_of(preparation).items():
        manifest = [{"prefix": s3.uri(bucket, "")}, *keys(dataset)]
        files[f"{name}.manifest"] = json.dumps(manifest).encode()
    return files


def _order(preparation: Preparation) -> orders.Order:
    tables = placing.tables_of(preparation)
    main = tables["main"]
    files = {name: [d.columns, d.rows or 0] for name, d in tables.items() if name != "main"}
    return orders.Order(
        wish={
            "columns": main.columns,
            "rows": main.rows or 0,
            "target": preparation.target,
            "algorithm": preparation.algorithm,
            "fractions": [preparation.train, preparation.validation, preparation.test],
            "stratify": preparation.stratify,
            "recipe": preparation.recipe,
            "files": files,
        },
        seed=preparation.seed,
        tables={
            name: orders.Table(dialect_of(dataset), tuple(keys(dataset)))
            for name, dataset in tables.items()
        },
        packages={name: version(name) for name in PACKAGES},
    )


def _spec(preparation: Preparation) -> ProcessingJobSpec:
    workspace, stage = preparation.workspace, placing.stage_of(preparation)
    try:
        image = images.image_uri(*IMAGE, workspace.region)
    except aws.Invalid as error:
        raise BadTable(error.message) from error
    return ProcessingJobSpec(
        name=preparation.processing_job,
        image=image,
        role_arn=workspace.execution_role_arn,
        entrypoint=("python3", f"{GIVEN}/code/prepare.pyz"),
        arguments=(stage, "--given", GIVEN, "--made", MADE, "--message", MESSAGE),
        inputs=_inputs(preparation),
        outputs=_outputs(preparation),
        instance_type=INSTANCE_TYPE,
        instance_count=placing.instances_of(preparation),
        volume_gb=_disk_gb(preparation),
        tags={TAG: preparation.uid},
    )


def _inputs(preparation: Preparation) -> tuple[ProcessingInput, ...]:
    folder = s3.uri(preparation.workspace.bucket, _folder(preparation))
    is_write = placing.stage_of(preparation) == placing.WRITE
    plain = ["code", "order", *([stages.PLAN] if is_write else [])]
    data = [
        ProcessingInput(
            name,
            f"{folder}{name}.manifest",
            f"{GIVEN}/{name}",
            is_manifest=True,
            is_sharded=is_write,
        )
        for name in placing.tables_of(preparation)
    ]
    given = [ProcessingInput(name, f"{folder}{name}/", f"{GIVEN}/{name}") for name in plain]
    return (*given, *data)


def _outputs(preparation: Preparation) -> tuple[ProcessingOutput, ...]:
    bucket = preparation.workspace.bucket
    places = {
        stages.CHANNELS: prepare.channels_prefix(preparation),
        stages.RESULT: f"{_folder(preparation)}{stages.RESULT}/",
        stages.PLAN: f"{_folder(preparation)}{stages.PLAN}/",
    }
    if placing.stage_of(preparation) == placing.WRITE:
        del places[stages.PLAN]  # it is given
    return tuple(
        ProcessingOutput(name, s3.uri(bucket, place), f"{MADE}/{name}")
        for name, place in places.items()
    )


def _disk_gb(preparation: Preparation) -> int:
    """For the data, what it unpacks to, and the channels, which may be larger than it."""
    needed = sum(
        (20 if table.compression else 5) * table.bytes
        for table in placing.tables_of(preparation).values()
    )
    return min(DISK_GB + needed // GIGABYTE, MOST_DISK_GB)
