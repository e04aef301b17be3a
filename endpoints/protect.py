"""What keeps an endpoint: somebody's protection, a snooze, or a tag at AWS.

A protected endpoint cannot be deleted by anyone before the protection is lifted; a snoozed one is
merely not proposed, so a person may still delete it by hand.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import transaction

from core import audit, live
from core.access import Actor
from core.errors import Conflict, InvalidFields
from core.models import Role
from endpoints.errors import Protected
from endpoints.models import Endpoint

FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
SNOOZES = (1, 2, 4)  # weeks
REASON_LIMIT = 200
OWN_TAG, COMMON_TAG = "mlconsole:protected", "protected"
TO_LIFT = "Lift the protection on its page first."


def protect(
    who: Actor, endpoint: Endpoint, now: datetime, *, reason: str, until: datetime | None = None
) -> None:
    """Refuse every deletion before `until`, or for good. InvalidFields names what is wrong."""
    errors = {}
    if not reason.strip():
        errors["reason"] = ["Say why: whoever wants to delete it reads this."]
    elif len(reason.strip()) > REASON_LIMIT:
        errors["reason"] = [f"At most {REASON_LIMIT} characters."]
    if until is not None and until <= now:
        errors["until"] = ["This is in the past."]
    if errors:
        raise InvalidFields(errors)
    _write(
        *(who, endpoint, "endpoint.protect"),
        protected_until=until or FOR_GOOD,
        protected_reason=reason.strip(),
    )


def unprotect(who: Actor, endpoint: Endpoint) -> None:
    _write(who, endpoint, "endpoint.unprotect", protected_until=None, protected_reason="")


def snooze(who: Actor, endpoint: Endpoint, now: datetime, *, weeks: int) -> None:
    """Propose it for deletion only after `weeks`; 0 ends the snooze."""
    if weeks not in (0, *SNOOZES):
        raise InvalidFields({"weeks": [f"{', '.join(map(str, SNOOZES))} weeks, or 0 to end it."]})
    until = now + timedelta(weeks=weeks) if weeks else None
    _write(who, endpoint, "endpoint.snooze", snoozed_until=until)


def keep(endpoint: Endpoint, until: datetime, *, reason: str) -> None:
    """`protect` for whoever a link was sent to; a longer protection stays."""
    now_until = endpoint.protected_until
    if now_until is None or now_until < until:
        why = reason[:REASON_LIMIT]
        _write(*(None, endpoint, "endpoint.protect"), protected_until=until, protected_reason=why)


def put_off(endpoint: Endpoint, until: datetime) -> None:
    """`snooze` for whoever a link was sent to; a longer one stays."""
    if endpoint.snoozed_until is None or endpoint.snoozed_until < until:
        _write(None, endpoint, "endpoint.snooze", snoozed_until=until)


def insist(endpoint: Endpoint, now: datetime) -> None:
    """Protected when somebody wants it kept. Tags are read at AWS, when it is to go (`recheck`)."""
    if why := by_row(endpoint, now):
        raise Protected(f"{endpoint.name} is not deleted: {why}", TO_LIFT)


def by_row(endpoint: Endpoint, now: datetime) -> str:
    """Why somebody wants it kept; "" when it is not protected."""
    until = endpoint.protected_until
    if until is None or until <= now:
        return ""
    span = "for good" if until >= FOR_GOOD else f"until {until:%Y-%m-%d}"
    return f"it is protected {span}: {endpoint.protected_reason}"


def by_tag(tags: Mapping[str, str]) -> str:
    """Why its tags at AWS want it kept; "" when they do not."""
    own = tags.get(OWN_TAG)
    if own is not None and own.strip().lower() != "false":
        return f"its tag {OWN_TAG} protects it; remove the tag at AWS to delete it."
    if tags.get(COMMON_TAG, "").strip().lower() == "true":
        return f"its tag {COMMON_TAG} protects it; remove the tag at AWS to delete it."
    return ""


def by_snooze(endpoint: Endpoint, now: datetime) -> str:
    """Why it is not proposed now; "" when it may be."""
    until = endpoint.snoozed_until
    return f"it is snoozed until {until:%Y-%m-%d}." if until and until > now else ""


def _write(
    who: Actor | None, endpoint: Endpoint, action: str, **kept: datetime | str | None
) -> None:
    """What is kept is kept whatever AWS makes of the status meanwhile. `who` is None for links."""
    if who:
        who.need(Role.MEMBER)
    with transaction.atomic():
        rows = Endpoint.objects.filter(pk=endpoint.pk).exclude(status=Endpoint.Status.DELETED)
        if not rows.update(**kept):
            raise Conflict(f"{endpoint.name} is deleted.")
        for name, value in kept.items():
            setattr(endpoint, name, value)
        audit.note(who, action, endpoint, **{name: str(v) for name, v in kept.items() if v})
        live.publish(endpoint)
