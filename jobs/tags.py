"""Words that people put on jobs, to find them again."""

import re
from collections.abc import Sequence

from django.db.models import Count

from core import audit, live
from core.access import Actor
from core.errors import InvalidFields
from jobs.models import JobTag, TrainingJob

LENGTH = 60
MOST = 20  # on one job
BARRED = re.compile(r"[,:\"\\/\x00-\x1f\x7f\ud800-\udfff]")


def word(text: str) -> str:
    """`text` as a tag: small letters, single blanks. InvalidFields for what cannot be one."""
    found = " ".join(text.lower().split())
    if not found:
        raise InvalidFields({"tag": ["Write a word."]})
    if len(found) > LENGTH:
        raise InvalidFields({"tag": [f"A tag has at most {LENGTH} characters."]})
    if BARRED.search(found):
        raise InvalidFields({"tag": ["A tag has no comma, colon, quotation mark or slash."]})
    return found


def add(who: Actor, job: TrainingJob, text: str) -> None:
    """Put a tag on a job. Repeatable; InvalidFields."""
    tag = word(text)
    if job.tags.exclude(name=tag).count() >= MOST:
        raise InvalidFields({"tag": [f"A job has at most {MOST} tags."]})
    _, is_new = JobTag.objects.get_or_create(job=job, name=tag)
    if is_new:
        audit.note(who, "job.tag", job, tag=tag)
        live.publish(job)


def remove(who: Actor, job: TrainingJob, text: str) -> None:
    """Take a tag off a job. Repeatable."""
    gone, _ = job.tags.filter(name=" ".join(text.lower().split())).delete()
    if gone:
        audit.note(who, "job.untag", job, tag=text)
        live.publish(job)


def add_to_all(jobs: Sequence[TrainingJob], tag: str) -> tuple[set[int], set[int]]:
    """Put `tag`, a `word`, on all of them: the keys of those that got it, and of the full ones."""
    rows = TrainingJob.objects.filter(pk__in=[job.pk for job in jobs])
    had = set(rows.filter(tags__name=tag).values_list("pk", flat=True))
    counted = rows.annotate(count=Count("tags")).filter(count__gte=MOST)
    full = set(counted.values_list("pk", flat=True)) - had
    got = {job.pk for job in jobs} - had - full
    JobTag.objects.bulk_create(
        [JobTag(job_id=pk, name=tag) for pk in sorted(got)], ignore_conflicts=True
    )
    return got, full


def remove_from_all(jobs: Sequence[TrainingJob], tag: str) -> set[int]:
    """Take `tag` off all of them: the keys of those that had it."""
    rows = JobTag.objects.filter(job__in=[job.pk for job in jobs], name=tag)
    had = set(rows.values_list("job", flat=True))
    rows.delete()
    return had
