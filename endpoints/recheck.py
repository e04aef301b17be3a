"""The last look at an endpoint, just before the call that deletes it.

Whatever changed since somebody decided, or cannot be told, calls the deletion off.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from aws import sagemaker, sts
from aws.errors import AwsError
from aws.types import Endpoint as Seen
from endpoints import components, idle, protect, traffic
from endpoints.models import Endpoint
from endpoints.ownership import is_ours

Status = Endpoint.Status
# AWS is at it: it takes no other order before it is done.
CHANGING = frozenset(
    {Status.CREATING, Status.UPDATING, Status.SYSTEM_UPDATING, Status.ROLLING_BACK}
)


class CalledOff(Exception):
    """The endpoint is not what it was when its deletion was asked for; the text says how."""


class NeverOurs(Exception):
    """Something else stands under the name; nothing of ours was made."""


@dataclass(frozen=True)
class IfIdle:
    """Delete it only when no call came in `window_days`, and nothing changed for `grace_days`.

    Fewer than `quiet_below` calls a day are none. A policy asks for more: a part of the name, tags
    at AWS that it must have, and tags that it must not have; a tag without a value is any value.
    """

    window_days: int = idle.WINDOW_DAYS
    grace_days: int = idle.GRACE.days
    quiet_below: float = 0.0
    name_contains: str = ""
    with_tags: Mapping[str, str] = field(default_factory=dict)
    without_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def grace(self) -> timedelta:
        return timedelta(days=self.grace_days)

    def covers(self, endpoint: Endpoint) -> bool:
        """Whether it is about `endpoint` at all, by its names and the tags that it must have."""
        part = self.name_contains.lower()
        named = part in endpoint.name.lower() or part in endpoint.aws_name.lower()
        return named and not self.missed(endpoint.aws_tags)

    def missed(self, tags: Mapping[str, str]) -> str:
        """Which tag it must have and has not; ""."""
        for name, value in self.with_tags.items():
            if not _has(tags, name, value):
                return f"its tag {name} is not {value or 'there'} any more."
        return ""

    def spared(self, tags: Mapping[str, str]) -> str:
        """Which of its tags keeps it; ""."""
        for name, value in self.without_tags.items():
            if _has(tags, name, value):
                return f"its tag {name} keeps it from this."
        return ""


def _has(tags: Mapping[str, str], name: str, value: str) -> bool:
    return name in tags and value in ("", tags[name])


def remembered(endpoint: Endpoint, rule: IfIdle | None) -> dict[str, Any]:
    """What the last look compares with, from the moment when the deletion is asked for."""
    known = {"config": endpoint.config_name, "variants": _names(endpoint)}
    return known | (asdict(rule) if rule else {})


def same(endpoint: Endpoint, seen: Seen, known: dict[str, Any]) -> None:
    """CalledOff unless AWS shows the very endpoint that the deletion was asked for."""
    if endpoint.aws_created_at is None and not is_ours(
        endpoint.workspace.account, seen.arn, endpoint
    ):
        raise NeverOurs
    if endpoint.arn and seen.arn != endpoint.arn:
        raise CalledOff(f"the credentials lead to another one now, {seen.arn}.")
    if endpoint.aws_created_at and seen.created != endpoint.aws_created_at:
        raise CalledOff("another endpoint has its name now.")
    if seen.config_name != known.get("config", endpoint.config_name):
        raise CalledOff(f"it was updated to {seen.config_name} since.")


def same_account(endpoint: Endpoint) -> None:
    """CalledOff when the endpoint is only missing because the credentials lead elsewhere."""
    if not endpoint.arn:
        return
    here, there = sts.caller_identity(endpoint.workspace.account), endpoint.arn.split(":")[4]
    if here.account_id != there:
        raise CalledOff(f"it is in the account {there}, the credentials are of {here.account_id}.")


def tags_of(endpoint: Endpoint, seen: Seen) -> dict[str, str]:
    """The endpoint's tags as AWS has them now.

    An AwsError that may pass is raised: the look is repeated. Another one calls off what is
    deleted only for being idle.
    """
    try:
        return sagemaker.list_tags(endpoint.workspace.account, seen.arn)
    except AwsError as error:
        if endpoint.only_if_idle and not error.retryable:
            raise CalledOff(f"its tags could not be read: {error.message}") from error
        raise


def to_go(endpoint: Endpoint, seen: Seen, known: dict[str, Any], now: datetime) -> None:
    """CalledOff when somebody wants it kept, by row or by tag, or when it should idle and does not.

    `endpoint` is the row as it is now, with the tags just read.
    """
    if why := protect.by_row(endpoint, now) or protect.by_tag(endpoint.aws_tags):
        raise CalledOff(why)
    if endpoint.kind == idle.COMPONENTS and (why := _new_component(endpoint)):
        raise CalledOff(why)
    if endpoint.only_if_idle:
        _insist_on_idle(endpoint, seen, known, now)


def _new_component(endpoint: Endpoint) -> str:
    """Which inference component nobody saw when the deletion was asked for; "". AwsError."""
    known = {one["name"] for one in endpoint.components}
    try:
        found = components.names_at_aws(endpoint.workspace.account, endpoint.aws_name)
    except AwsError as error:
        if endpoint.only_if_idle and not error.retryable:
            return f"its inference components could not be read: {error.message}"
        raise
    new = sorted(found - known)
    return f"it has the inference component {new[0]} by now." if new else ""


def _insist_on_idle(endpoint: Endpoint, seen: Seen, known: dict[str, Any], now: datetime) -> None:
    if why := protect.by_snooze(endpoint, now):
        raise CalledOff(why)
    if sorted(variant.name for variant in seen.variants) != sorted(known.get("variants", [])):
        raise CalledOff("its variants are others now.")
    rule = _rule(known)
    if why := rule.missed(endpoint.aws_tags) or rule.spared(endpoint.aws_tags):
        raise CalledOff(why)
    found = _verdict(endpoint, seen, rule, now)
    if not found.is_idle:
        raise CalledOff(f"it is {found.word} now. {found.reason}")


def _rule(known: dict[str, Any]) -> IfIdle:
    names = {one.name for one in fields(IfIdle)}
    return IfIdle(**{name: value for name, value in known.items() if name in names})


def _verdict(endpoint: Endpoint, seen: Seen, rule: IfIdle, now: datetime) -> idle.Verdict:
    """From what AWS says this moment; nothing of what the row remembers counts."""
    facts = replace(
        traffic.facts(endpoint),
        status=seen.status,
        changed=max(seen.created, seen.modified),
        traffic=None,
        problem="",
    )
    try:
        answers = traffic.read(endpoint.workspace, [endpoint], now, window_days=rule.window_days)
        facts = replace(facts, traffic=traffic.stored(answers[endpoint.pk]))
    except AwsError as error:
        facts = replace(facts, problem=traffic.problem(error))
    return idle.verdict(
        facts,
        now,
        window_days=rule.window_days,
        grace=rule.grace,
        quiet_below=rule.quiet_below,
    )


def _names(endpoint: Endpoint) -> list[str]:
    return [variant["name"] for variant in endpoint.variants]
