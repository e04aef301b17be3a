"""Autoscaling of an endpoint's variants: asked for, applied when it serves, read back from AWS.

`Endpoint.autoscaling` has an entry a variant: {min, max, target}, the target in calls an instance
and minute, None where something else is tracked. `pending` ("set" or "end") is what AWS has not
been told yet; `problem` why it refused. Every step may be repeated.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from aws import scaling as aws
from aws.errors import AwsError, NotFound
from aws.types import ScalingBounds
from core import audit, failpoints, live, states
from core.access import Actor
from core.errors import Conflict, InvalidFields
from core.models import Role, Workspace
from endpoints import sizing
from endpoints.models import Endpoint
from endpoints.sizing import Bounds
from jobs import cursors
from jobs.cursors import Pass

SET, END = "set", "end"
CALLS, PAGES = 35, 25  # AWS gives 50 variants and 10 policies a page
REST = timedelta(seconds=20)
resource = aws.resource

Entries = dict[str, dict[str, Any]]


def entries(bounds: Mapping[str, Bounds]) -> Entries:
    """What a row keeps of a wish, by variant."""
    return {
        variant: {"min": one.least, "max": one.most, "target": one.calls, "pending": SET}
        for variant, one in bounds.items()
    }


def asked_again(found: Entries, still: Collection[str]) -> Entries:
    """Entries of variants that scale no longer (not `still`) are to be set once more."""
    return {
        variant: entry if variant in still else entry | {"pending": SET}
        for variant, entry in found.items()
    }


def request(who: Actor, endpoint: Endpoint, variant: str, bounds: Bounds, now: datetime) -> None:
    """Let a variant scale, or scale otherwise; repeatable.

    InvalidFields names what is wrong; Conflict while the endpoint cannot.
    """
    who.need(Role.MEMBER)
    running = _insist(endpoint, variant)
    problems = sizing.scaling_problems(
        bounds,
        kind=endpoint.kind,
        serverless=bool(running.get("serverless")),
        instance_type=running["instance_type"],
    )
    if problems:
        raise InvalidFields(problems)
    wish = entries({variant: bounds})
    _ask(who, endpoint, now, lambda found: found | wish, bounds=wish[variant])


def end(who: Actor, endpoint: Endpoint, variant: str, now: datetime) -> None:
    """Leave the variant's count as it is from then on; repeatable."""
    who.need(Role.MEMBER)
    _insist(endpoint, variant)

    def change(found: Entries) -> Entries:
        if variant not in found:
            return found
        entry = {name: one for name, one in found[variant].items() if name != "problem"}
        return found | {variant: entry | {"pending": END}}

    _ask(who, endpoint, now, change, end=variant)


def advance(endpoint: Endpoint, now: datetime) -> None:
    """Tell AWS what it has not been told; call it with the row claimed."""
    present = {variant["name"] for variant in endpoint.variants}
    for variant, entry in endpoint.autoscaling.items():
        if not entry.get("pending"):
            continue
        try:
            if variant in present:
                _tell(endpoint, variant, entry)
        except AwsError as error:
            if error.retryable:
                states.postpone(endpoint, now=now)
                return
            _settle(endpoint, variant, entry, problem=error.message)
        else:
            failpoints.reach("endpoints.scaling.after_calls")
            _settle(endpoint, variant, entry, gone=variant not in present)


def pending(endpoint: Endpoint) -> bool:
    return any(entry.get("pending") for entry in endpoint.autoscaling.values())


def look(workspace: Workspace, now: datetime) -> None:
    """Read what scales at AWS into the rows; trouble is noted for the pages and not raised."""
    cursors.look(workspace, "scaling", CALLS, _work, now=now)


def _insist(endpoint: Endpoint, variant: str) -> dict[str, Any]:
    if endpoint.is_finished or endpoint.delete_requested_at:
        raise Conflict(f"{endpoint.name} is being deleted, or is gone.")
    for one in endpoint.variants:
        if one["name"] == variant:
            return dict(one)
    raise InvalidFields({"variant": [f"{endpoint.name} has no variant {variant[:63]}."]})


def _ask(
    who: Actor, endpoint: Endpoint, now: datetime, change: Callable[[Entries], Entries], **told: Any
) -> None:
    with transaction.atomic():
        if _changed(endpoint, change, next_check_at=now, attempts=0):
            audit.note(who, "endpoint.scale", endpoint, **told)
    endpoint.refresh_from_db()


def _tell(endpoint: Endpoint, variant: str, entry: Mapping[str, Any]) -> None:
    account, of = endpoint.workspace.account, resource(endpoint.aws_name, variant)
    if entry["pending"] == END:
        try:
            aws.deregister(account, of)
        except NotFound:
            return
        return
    aws.register(account, of, entry["min"], entry["max"])
    failpoints.reach("endpoints.scaling.after_register")
    if entry["target"] is not None:
        aws.track(account, of, entry["target"])


def _settle(
    endpoint: Endpoint,
    variant: str,
    told: Mapping[str, Any],
    *,
    problem: str = "",
    gone: bool = False,
) -> None:
    """Unless somebody asks for something else by now."""

    def change(found: Entries) -> Entries:
        if found.get(variant) != told:
            return found
        rest = {name: one for name, one in found.items() if name != variant}
        if gone or (told["pending"] == END and not problem):
            return rest
        kept = {name: told[name] for name in ("min", "max", "target")}
        return rest | {variant: kept | ({"problem": problem} if problem else {})}

    with transaction.atomic():
        _changed(endpoint, change)
    endpoint.refresh_from_db(fields=["autoscaling"])


def _changed(endpoint: Endpoint, change: Callable[[Entries], Entries], **more: Any) -> bool:
    held = Endpoint.objects.select_for_update().only("autoscaling").get(pk=endpoint.pk)
    after = change(held.autoscaling)
    if after == held.autoscaling:
        return False
    Endpoint.objects.filter(pk=endpoint.pk).update(autoscaling=after, **more)
    live.publish(endpoint)
    return True


def _work(one: Pass, name: str) -> bool:
    if (rest := cursors.get(f"rest:{name}")) and rest > one.now:
        return False
    cursors.put(f"rest:{name}", one.now + REST)
    rows = list(_rows(one.workspace))
    if not rows:
        return True
    bounds, all_bounds = _read(one, aws.bounds_pages(one.account))
    calls: dict[str, float | None] = {}
    if bounds:
        policies, all_policies = _read(one, aws.policy_pages(one.account))
        calls = {each.resource: each.calls for each in policies if each.calls is not None}
        all_bounds = all_bounds and all_policies
    if not all_bounds:
        return False
    for row in rows:
        _write(row, bounds, calls)
    return True


def _rows(workspace: Workspace) -> Any:
    rows = Endpoint.objects.active().of(workspace).filter(delete_requested_at=None)
    told = ("uid", "workspace", "status", "aws_name", "variants", "autoscaling")
    return rows.exclude(status=Endpoint.Status.REQUESTED).only(*told)


def _read(one: Pass, pages: Any) -> tuple[list[Any], bool]:
    """What the pages hold, and whether that is all of it."""
    found: list[Any] = []
    for _ in range(PAGES):
        if not one.may_ask("autoscaling"):
            return found, False
        page, more = next(pages, ([], False))
        found += page
        if not more:
            return found, True
    return found, False


def _write(row: Endpoint, bounds: list[ScalingBounds], calls: Mapping[str, float | None]) -> None:
    by_resource = {each.resource: each for each in bounds}

    def change(found: Entries) -> Entries:
        kept = {v: e for v, e in found.items() if e.get("pending") or e.get("problem")}
        seen: Entries = {}
        for variant in (one["name"] for one in row.variants):
            of = resource(row.aws_name, variant)
            if each := by_resource.get(of):
                target = calls.get(of)
                seen[variant] = {"min": each.least, "max": each.most, "target": target}
        return seen | kept

    if change(row.autoscaling) != row.autoscaling:
        with transaction.atomic():
            _changed(row, change)
