"""What AWS says of a launch before anything is created: bounded in time, and never in the way.

What may not be asked, or was not answered in time, is "could not be checked". A job's name at AWS
holds its row's id, so it is always free.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.core.cache import cache
from django.db.models import Sum

from aws import errors as aws
from aws import iam, quotas, s3
from aws.clients import Account
from core.models import Workspace
from core.templatetags.ui import size
from jobs.models import TrainingJob
from jobs.preflight import Finding, Plan, Source, Verdict, judged

SECONDS = 5.0  # for everything together
CALL_SECONDS = 2.0
LISTED = 1_000  # objects: one call
CODES = "sagemaker-quota-codes"
CODES_KEPT = timedelta(days=30)
SAGEMAKER = "sagemaker.amazonaws.com"
Ask = Callable[[], Iterable[Finding]]
log = logging.getLogger(__name__)


def looked_at(plan: Plan, workspace: Workspace) -> tuple[Finding, ...]:
    """`judged(plan)`, and what AWS says: at most five seconds later."""
    asks = list(_asks(plan, workspace))
    pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="preflight")
    try:
        futures = [(check, pool.submit(_answered, check, ask)) for check, ask in asks]
        wait([future for _, future in futures], timeout=SECONDS)
        found = [
            one
            for check, future in futures
            for one in (future.result() if future.done() else [_late(check)])
        ]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return (*judged(plan), *found)


def learned_codes(workspace: Workspace) -> bool:
    """Whether the codes of SageMaker's training quotas are kept, which all accounts share.

    Some twenty calls when they are not; False when AWS does not answer them.
    """
    if cache.get(CODES):
        return True
    try:
        pairs = quotas.codes(workspace.account)
        found = {name: code for name, code in pairs if "training job" in name}
    except aws.AwsError as error:
        log.warning("quotas of %s were not listed: %s", workspace.region, error.message)
        return False
    cache.set(CODES, found, timeout=CODES_KEPT.total_seconds())
    return bool(found)


def _asks(plan: Plan, workspace: Workspace) -> Iterator[tuple[str, Ask]]:
    account, machine = workspace.account, plan.machine
    for name, source in plan.sources.items():
        if source.uri:
            data = _Data(account, name, source, machine.instance_count)
            yield f"Data of {name}", data.look
    uris = (source.uri for source in plan.sources.values() if source.uri.startswith("s3://"))
    buckets = {workspace.bucket, *(s3.parse_uri(uri)[0] for uri in uris)}
    for bucket in sorted(buckets):
        yield "Bucket", _bucket(account, bucket)
    yield "Role", _role(account, workspace.execution_role_arn)
    yield "Machine", _type(account, machine.instance_type)
    if workspace.kind == Workspace.Kind.AWS:  # localaws has no quotas
        yield "Quota", _quota(plan, workspace)


def _answered(check: str, ask: Ask) -> list[Finding]:
    try:
        return list(ask())
    except aws.AwsError as error:
        why = "AWS does not let us ask" if isinstance(error, aws.Denied) else "AWS did not answer"
        return [Finding(check, Verdict.UNCHECKED, f"{why}: {error.message}")]


def _late(check: str) -> Finding:
    return Finding(check, Verdict.UNCHECKED, f"AWS did not answer within {SECONDS:.0f} s.")


@dataclass(frozen=True)
class _Data:
    account: Account
    name: str
    source: Source
    instances: int

    def look(self) -> Iterator[Finding]:
        """Whether the objects are there, as large as they were."""
        check, uri = f"Data of {self.name}", self.source.uri
        bucket, prefix = s3.parse_uri(uri)
        try:
            listing = s3.list_objects(self.account, bucket, prefix, read_timeout=CALL_SECONDS)
            objects = list(islice(listing, LISTED))
        except aws.NotFound:
            objects = []
        total = sum(one.size for one in objects)
        if not total:
            words = f"Nothing lies under {uri}: prepare the data again."
            yield Finding(check, Verdict.WOULD_FAIL, words, "preparation")
            return
        whole = len(objects) < LISTED
        count = f"{len(objects)} object{'s' if len(objects) > 1 else ''}"
        if whole and self.source.bytes not in (0, total):
            words = f"{size(total)} under {uri}, where {size(self.source.bytes)} were prepared."
            yield Finding(check, Verdict.WARNING, words, "preparation")
        elif whole and self.source.sharded and len(objects) < self.instances:
            words = f"{count} for {self.instances} instances: some would get nothing."
            yield Finding(check, Verdict.WARNING, words, "instance_count")
        else:
            words = f"{count}, {size(total)}." if whole else f"{LISTED:,} objects and more."
            yield Finding(check, Verdict.OK, words)


def _bucket(account: Account, bucket: str) -> Ask:
    def look() -> Iterator[Finding]:
        try:
            region = s3.bucket_region(account, bucket, read_timeout=CALL_SECONDS)
        except aws.NotFound:
            yield Finding("Bucket", Verdict.WOULD_FAIL, f"There is no bucket {bucket}.")
            return
        if region and region != account.region:
            words = f"{bucket} is in {region}; a job of {account.region} cannot use it."
            yield Finding("Bucket", Verdict.WOULD_FAIL, words)
        else:
            yield Finding("Bucket", Verdict.OK, f"{bucket} is there.")

    return look


def _role(account: Account, arn: str) -> Ask:
    def look() -> Iterator[Finding]:
        name = arn.rpartition("/")[2]
        try:
            trusted = iam.trusted_services(account, name, read_timeout=CALL_SECONDS)
        except aws.NotFound:
            yield Finding("Role", Verdict.WOULD_FAIL, f"There is no role {name}.")
            return
        if SAGEMAKER in trusted:
            yield Finding("Role", Verdict.OK, f"SageMaker may become {name}.")
        else:
            words = f"SageMaker may not become {name}: its trust policy does not name {SAGEMAKER}."
            yield Finding("Role", Verdict.WOULD_FAIL, words)

    return look


def _type(account: Account, instance_type: str) -> Ask:
    def look() -> Iterator[Finding]:
        if instance_type not in quotas.training_types(account):
            words = f"SageMaker does not train on {instance_type}, as far as this console knows."
            yield Finding("Machine", Verdict.WOULD_FAIL, words, "instance_type")

    return look


def _quota(plan: Plan, workspace: Workspace) -> Ask:
    """Whether the account may have so many of these machines. The database is asked here, outside
    the thread."""
    machine, account = plan.machine, workspace.account
    name = quotas.training_quota(machine.instance_type, spot=machine.use_spot)
    wanted = machine.instance_count * plan.at_once
    running = _running(plan, workspace)
    codes = cache.get(CODES)

    def look() -> Iterator[Finding]:
        known = codes or dict(quotas.codes(account, read_timeout=CALL_SECONDS))
        if name not in known:
            yield Finding("Quota", Verdict.UNCHECKED, f"AWS names no quota “{name}”.")
            return
        allowed = int(quotas.value(account, known[name], read_timeout=CALL_SECONDS))
        words = f"AWS allows {allowed} ({name}); this asks for {wanted}, {running} are in use."
        fits = wanted + running <= allowed
        verdict = Verdict.OK if fits else Verdict.WOULD_FAIL
        yield Finding("Quota", verdict, words, "" if fits else "instance_type")

    return look


def _running(plan: Plan, workspace: Workspace) -> int:
    """Instances of the type in use, of the jobs that this console knows in the account."""
    same = Workspace.objects.filter(
        kind=workspace.kind, region=workspace.region, assumed_role_arn=workspace.assumed_role_arn
    )
    busy = TrainingJob.objects.filter(
        workspace__in=same,
        status__in=(TrainingJob.Status.IN_PROGRESS, TrainingJob.Status.STOPPING),
        instance_type=plan.machine.instance_type,
        use_spot=plan.machine.use_spot,
    )
    return busy.aggregate(instances=Sum("instance_count"))["instances"] or 0
