"""EventBridge's feed of state changes, read from a queue: a change is seen at once, not at the next
look. It only nudges: what is written down comes from Describe, so a message that is late, repeated,
out of order or made up does no harm, and without the feed the mirror finds everything all the same.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

import json
import logging
import re
from datetime import datetime

from django.conf import settings

from aws import errors as aws
from aws import sqs
from aws.types import QueueMessage
from core import health_notes
from core.models import Heartbeat, Workspace
from jobs import cursors, sighting
from jobs.cursors import Pass
from jobs.models import TrainingJob

SOURCE, KIND = "aws.sagemaker", "SageMaker Training Job State Change"
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
WAIT = 2  # seconds of long polling: a worker is held that long
CALLS = 25  # a receive, ten descriptions, ten deletions
log = logging.getLogger(__name__)


def queue_of(workspace: Workspace) -> str:
    """The address of the workspace's queue, "" when it has none."""
    return str(settings.JOB_EVENT_QUEUES.get(workspace.slug, ""))


def drain(workspace: Workspace, *, now: datetime) -> None:
    """Read what is in the queue, at most ten messages; one reader at a time per workspace.

    What is not ours, or not to be understood, is deleted and counted.
    """
    name, url = health_notes.mirror_name(workspace, "feed"), queue_of(workspace)
    if not url:
        return
    with cursors.alone(f"lease:{name}", now) as mine:
        if not mine:
            return
        one = Pass(workspace, now, CALLS)
        try:
            if one.may_ask("sqs"):
                _work_off(one, url, sqs.receive(one.account, url, wait=WAIT))
        except aws.Throttled as error:
            one.refused(error)
        except aws.AwsError as error:
            log.warning("%s: the feed of job events fails: %s", workspace, error.message)
        else:
            one.ended_well()


def _work_off(one: Pass, url: str, messages: list[QueueMessage]) -> None:
    named = {message.handle: name_of(message.body, one.workspace) for message in messages}
    seen = {name for name in dict.fromkeys(named.values()) if name and _look(one, name)}
    odd = [handle for handle, name in named.items() if not name]
    if odd:
        _count(one.workspace, len(odd))
    for handle, name in named.items():
        if (not name or name in seen) and one.may_ask("sqs"):
            sqs.delete(one.account, url, handle)


def name_of(body: str, workspace: Workspace) -> str:
    """The training job of the workspace's account and region that a message tells of, or ""."""
    try:
        event = json.loads(body)
        told = (event["source"], event["detail-type"], event["region"], event["account"])
        name = event["detail"]["TrainingJobName"]
    except (ValueError, KeyError, TypeError):
        return ""
    account = workspace.execution_role_arn.split(":")[4:5]
    is_ours = told == (SOURCE, KIND, workspace.region, *account)
    return name if is_ours and isinstance(name, str) and NAME.fullmatch(name) else ""


def _look(one: Pass, name: str) -> bool:
    """Whether the job was asked after, or need not be: the message is done with."""
    row = TrainingJob.objects.of(one.workspace).filter(aws_name=name).first()
    if row is not None and row.status == TrainingJob.Status.REQUESTED:
        return True  # its submission goes on by itself
    if not one.may_ask("sagemaker.describe"):
        return False
    if row is None:
        sighting.introduce(one.workspace, one.account, name, now=one.now)
    else:
        sighting.refresh(row, one.account, now=one.now)
    return True


def _count(workspace: Workspace, odd: int) -> None:
    """Keep how many messages were not ours, for whoever wonders where events go."""
    name = f"odd:{health_notes.mirror_name(workspace, 'feed')}"
    before = Heartbeat.objects.filter(name=name).values_list("problem", flat=True).first()
    total = int(before or 0) + odd
    health_notes.beat(name, problem=str(total))
    log.warning("%s: %d messages of the feed were not ours; %d so far", workspace, odd, total)
