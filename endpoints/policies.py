"""Policies: which endpoints go without anybody asking, whom to tell, how long to wait.

A policy begins as a dry run. An admin makes it earnest by typing its name; whatever changes what it
does makes it a dry run again, and what it was about to delete stays.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from core import audit, sender
from core.access import Actor
from core.errors import Conflict, InvalidFields, NotFound
from core.models import Role
from endpoints import cleanup, policy_runs
from endpoints.models import Policy

NAME, PART = 80, 63  # characters
MOST_EMAILS, MOST_TAGS = 10, 20
TAG_NAME, TAG_VALUE = 128, 256  # AWS's limits
# Of each number: the least and the most.
LIMITS: dict[str, tuple[int, int]] = {
    "window_days": (1, cleanup.MAX_WINDOW),
    "grace_days": (1, cleanup.MAX_GRACE),
    "quiet_below": (0, 10),
    "wait_days": (1, 30),
    "cap": (1, 20),
    "hour": (0, 23),
}
# What decides which endpoints go and when: to change it is to make another policy.
DEEDS = frozenset(
    {"window_days", "grace_days", "quiet_below", "wait_days", "cap"}
    | {"name_contains", "with_tags", "without_tags"}
)
FIELDS = DEEDS | {"name", "hour", "emails", "webhook"}
CHANGED = "its policy was changed."


def create(who: Actor, wishes: Mapping[str, Any], now: datetime) -> Policy:
    """A new policy, a dry run. InvalidFields names what is wrong; what is not wished is usual."""
    who.need(Role.ADMIN)
    policy = Policy(workspace=who.workspace, created_by=who.user, created_at=now)
    _write(policy, {"name": ""} | dict(wishes))
    policy.next_run_at = policy_runs.next_at(policy.hour, now)
    with transaction.atomic():
        policy.save()
        audit.note(who, "policy.create", policy, **_told(policy, FIELDS))
    return policy


def change(who: Actor, policy: Policy, wishes: Mapping[str, Any], now: datetime) -> Policy:
    """Write what `wishes` has. A change of what an earnest one does makes it a dry run again."""
    who.need(Role.ADMIN)
    with transaction.atomic():
        held = _held(policy)
        was = {name: getattr(held, name) for name in wishes}
        _write(held, wishes)
        changed = {name for name, old in was.items() if getattr(held, name) != old}
        if not changed:
            return held
        if "hour" in changed:
            held.next_run_at = policy_runs.next_at(held.hour, now)
        if changed & DEEDS:
            held.is_dry_run = True
            policy_runs.call_off(held, CHANGED, now)
        held.save()
        audit.note(who, "policy.change", held, **_told(held, changed | {"is_dry_run"}))
    return held


def make_earnest(who: Actor, policy: Policy, typed: str) -> Policy:
    """From its next run on it tells and deletes; `typed` is its name. InvalidFields, Conflict."""
    who.need(Role.ADMIN)
    with transaction.atomic():
        held = _held(policy)
        if typed.strip() != held.name:
            raise InvalidFields({"typed": [f"This is not its name. Type {held.name}"]})
        if not held.is_enabled:
            raise Conflict(f"{held.name} is paused.", "Resume it first.")
        if held.is_dry_run:
            held.is_dry_run = False
            held.save(update_fields=["is_dry_run"])
            audit.note(who, "policy.earnest", held, **_told(held, FIELDS))
    return held


def make_dry(who: Actor, policy: Policy, now: datetime) -> Policy:
    return _stop(who, policy, now, "policy.dry_run", "its policy is a dry run again.")


def pause(who: Actor, policy: Policy, now: datetime) -> Policy:
    """No more runs, and what waits stays."""
    return _stop(who, policy, now, "policy.pause", "its policy was stopped.", is_enabled=False)


def resume(who: Actor, policy: Policy, now: datetime) -> Policy:
    """It runs again, as a dry run."""
    who.need(Role.ADMIN)
    with transaction.atomic():
        held = _held(policy)
        if not held.is_enabled:
            held.is_enabled = True
            held.next_run_at = policy_runs.next_at(held.hour, now)
            held.save(update_fields=["is_enabled", "next_run_at"])
            audit.note(who, "policy.resume", held)
    return held


def remove(who: Actor, policy: Policy, now: datetime) -> None:
    """It leaves the lists; its runs stay in the books."""
    _stop(who, policy, now, "policy.delete", "its policy was deleted.", deleted_at=now)


def _stop(who: Actor, policy: Policy, now: datetime, action: str, why: str, **more: Any) -> Policy:
    who.need(Role.ADMIN)
    with transaction.atomic():
        held = _held(policy)
        changes = {"is_dry_run": True, **more}
        if any(getattr(held, name) != value for name, value in changes.items()):
            for name, value in changes.items():
                setattr(held, name, value)
            held.save(update_fields=list(changes))
            policy_runs.call_off(held, why, now)
            audit.note(who, action, held)
    return held


def _held(policy: Policy) -> Policy:
    """The row as it is now, which nobody else changes before the transaction ends."""
    rows = Policy.objects.present().select_for_update(of=("self",)).select_related("workspace")
    found = rows.filter(pk=policy.pk).first()
    if found is None:
        raise NotFound
    return found


def _write(policy: Policy, wishes: Mapping[str, Any]) -> None:
    clean = {name: _cleaned(value) for name, value in wishes.items() if name in FIELDS}
    found = {name: _problem(policy, name, value) for name, value in clean.items()}
    problems = {name: [text] for name, text in found.items() if text}
    if problems:
        raise InvalidFields(problems)
    for name, value in clean.items():
        setattr(policy, name, value)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return list(dict.fromkeys(one.strip() for one in value if one.strip()))
    if isinstance(value, dict):
        return {name.strip(): text.strip() for name, text in value.items()}
    return value


def _problem(policy: Policy, name: str, value: Any) -> str:
    if name in LIMITS:
        least, most = LIMITS[name]
        return "" if least <= value <= most else f"Between {least} and {most}."
    if name == "name":
        return _name_problem(policy, value)
    if name == "name_contains":
        return f"At most {PART} characters." if len(value) > PART else ""
    if name == "emails":
        return _emails_problem(value)
    return _webhook_problem(value) if name == "webhook" else _tags_problem(value)


def _name_problem(policy: Policy, value: str) -> str:
    if not value or len(value) > NAME or not value.isprintable():
        return f"A name, up to {NAME} characters."
    others = Policy.objects.present().filter(workspace_id=policy.workspace_id, name=value)
    return "Another policy has this name." if others.exclude(pk=policy.pk).exists() else ""


def _emails_problem(value: list[str]) -> str:
    for address in value:
        try:
            validate_email(address)
        except ValidationError:
            return f"{address[:60]} is not an email address."
    return f"At most {MOST_EMAILS} addresses." if len(value) > MOST_EMAILS else ""


def _webhook_problem(value: str) -> str:
    try:
        if value:
            sender.target(value)
    except sender.NotSent as error:
        return error.message
    return ""


def _tags_problem(value: dict[str, str]) -> str:
    for name, text in value.items():
        if not 1 <= len(name) <= TAG_NAME or len(text) > TAG_VALUE:
            return f"A tag has a name of up to {TAG_NAME} characters, a value of up to {TAG_VALUE}."
    return f"At most {MOST_TAGS} tags." if len(value) > MOST_TAGS else ""


def _told(policy: Policy, names: frozenset[str] | set[str]) -> dict[str, Any]:
    """For the audit, in which no secret stands."""
    found = {name: getattr(policy, name) for name in sorted(names)}
    if "webhook" in found:
        found["webhook"] = sender.shown(policy.webhook)
    return found
