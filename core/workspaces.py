"""What the admins of a workspace decide: who is in it, and what its jobs may do."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from aws import iam
from aws.errors import AwsError
from core import audit, health_notes
from core.access import Actor
from core.errors import Conflict, InvalidFields, NotFound, UserError
from core.models import Heartbeat, Membership, Role, Workspace

# localaws asks the execution role for this tag before it runs somebody's program.
SCRIPTS_TAG = {"localaws:scripts": "allowed"}
ANSWER_SECONDS = 5.0  # nobody waits: it is done again and again
MOST_BUCKETS = 50
MOST_BYTES = 10 * 2**40  # of a file that is prepared here: ten terabytes
log = logging.getLogger(__name__)

_BUCKET = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def is_bucket_name(name: str) -> bool:
    """By the rules of general purpose buckets (Amazon S3 user guide, "Bucket naming rules")."""
    return bool(
        _BUCKET.fullmatch(name)
        and ".." not in name
        and not _ADDRESS.fullmatch(name)
        and not name.endswith(_RESERVED_ENDS)
    )


def change(who: Actor, wishes: Mapping[str, Any]) -> Workspace:
    """Write what `wishes` has of `allow_scripts`, `import_buckets` and `prepare_here_bytes`.

    Raises NotAllowed for all but admins and InvalidFields, naming the fields, when one is wrong;
    then nothing is written. The row is the intent: `apply` tells AWS.
    """
    who.need(Role.ADMIN)
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=who.workspace.pk)
        _check(workspace, wishes)
        changed = {name: new for name, new in wishes.items() if getattr(workspace, name) != new}
        for name, new in changed.items():
            old = getattr(workspace, name)
            setattr(workspace, name, new)
            audit.event(who, f"workspace.{name}", str(workspace), was=old, now=new)
        workspace.save(update_fields=changed)
    return workspace


def _check(workspace: Workspace, wishes: Mapping[str, Any]) -> None:
    checks: dict[str, Callable[[Workspace, Any], str]] = {
        "allow_scripts": _scripts_problem,
        "import_buckets": _buckets_problem,
        "prepare_here_bytes": _bytes_problem,
    }
    found = {name: checks[name](workspace, new) for name, new in wishes.items()}
    problems = {name: [problem] for name, problem in found.items() if problem}
    if problems:
        raise InvalidFields(problems)


def _scripts_problem(workspace: Workspace, wish: bool) -> str:  # noqa: FBT001  one of three alike
    if wish and workspace.kind != Workspace.Kind.LOCAL:
        return "At Amazon scripts run in containers of their own: there is nothing to allow."
    return ""


def _buckets_problem(workspace: Workspace, wish: list[str]) -> str:
    wrong = [name for name in wish if not is_bucket_name(name)]
    if wrong:
        return f"No bucket can be called {', '.join(wrong[:3])}: 3 to 63 of a-z, 0-9, . and -."
    if workspace.bucket in wish:
        return f"{workspace.bucket} is the workspace's own: it needs no entry."
    if len(set(wish)) < len(wish):
        return "A bucket is listed twice."
    return f"At most {MOST_BUCKETS} buckets." if len(wish) > MOST_BUCKETS else ""


def _bytes_problem(workspace: Workspace, wish: int) -> str:
    del workspace
    return "" if 0 <= wish <= MOST_BYTES else f"Between 0 and {MOST_BYTES // 2**30} GB."


def sharing_role(workspace: Workspace) -> list[Workspace]:
    """The other local workspaces whose jobs run in a role of the same name."""
    others = Workspace.objects.filter(kind=Workspace.Kind.LOCAL).exclude(pk=workspace.pk)
    return [other for other in others if _role_name(other) == _role_name(workspace)]


def may_run_scripts(workspace: Workspace) -> bool:
    """At Amazon a job has a container of its own; on this machine somebody must have said so."""
    if workspace.kind != Workspace.Kind.LOCAL or settings.ALLOW_SCRIPTS:
        return True
    return any(each.allow_scripts for each in (workspace, *sharing_role(workspace)))


def apply(workspace: Workspace) -> bool:
    """Tag the execution role of a local workspace as the rows say; what fails is noted for pages.

    Workspaces that share a role are allowed scripts when one of them is. May run at any time and
    twice. False when localaws does not answer.
    """
    if workspace.kind != Workspace.Kind.LOCAL:
        return True
    allowed = any(each.allow_scripts for each in (workspace, *sharing_role(workspace)))
    account = replace(workspace.account, answer_within=ANSWER_SECONDS)
    problem, answered = "", True
    try:
        if allowed:
            iam.tag_role(account, _role_name(workspace), SCRIPTS_TAG)
        else:
            iam.untag_role(account, _role_name(workspace), list(SCRIPTS_TAG))
    except AwsError as error:
        problem, answered = error.message, not error.retryable
        log.warning("%s: its role is not tagged: %s", workspace, problem)
    health_notes.beat(_note(workspace), problem=problem)
    return answered


def trouble(workspace: Workspace) -> str:
    """Why AWS does not know yet what the row says; empty when it does."""
    note = Heartbeat.objects.filter(name=_note(workspace)).first()
    return note.problem if note else ""


def _note(workspace: Workspace) -> str:
    return f"role:{workspace.pk}"


def _role_name(workspace: Workspace) -> str:
    return workspace.execution_role_arn.rpartition("/")[2]


def add_member(who: Actor, username: str, role: Role) -> Membership:
    """Raises NotAllowed for all but admins, UserError at `username`."""
    who.need(Role.ADMIN)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UserError("There is no user of this name.", field="username")
    member, is_new = Membership.objects.get_or_create(
        workspace=who.workspace, user=user, defaults={"role": role}
    )
    if not is_new:
        raise UserError(f"{username} is a {member.get_role_display()} already.", field="username")
    audit.event(who, "member.add", username, role=role.label)
    return member


def change_role(who: Actor, pk: int, role: Role) -> Membership:
    """Raises NotAllowed for all but admins, NotFound, and Conflict for the last admin."""
    who.need(Role.ADMIN)
    with transaction.atomic():
        member = _member(who, pk)
        if role < Role.ADMIN:
            _keep_an_admin(member)
        was, member.role = Role(member.role).label, role
        member.save(update_fields=["role"])
        audit.event(who, "member.role", member.user.username, was=was, now=role.label)
    return member


def remove_member(who: Actor, pk: int) -> None:
    """Their tokens of this workspace stop working. Raises as `change_role` does."""
    who.need(Role.ADMIN)
    with transaction.atomic():
        member = _member(who, pk)
        _keep_an_admin(member)
        was = Role(member.role).label
        member.delete()
        audit.event(who, "member.remove", member.user.username, was=was)


def member(who: Actor, pk: int) -> Membership:
    """Raises NotAllowed for all but admins, and NotFound."""
    who.need(Role.ADMIN)
    with transaction.atomic():
        return _member(who, pk)


def _member(who: Actor, pk: int) -> Membership:
    """With the workspace locked, so that two admins cannot take each other's role at once."""
    Workspace.objects.select_for_update().get(pk=who.workspace.pk)
    members = Membership.objects.filter(workspace=who.workspace).select_related("user")
    found = members.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _keep_an_admin(member: Membership) -> None:
    admins = Membership.objects.filter(
        workspace_id=member.workspace_id, role=Role.ADMIN, user__is_active=True
    )
    if not admins.exclude(pk=member.pk).exists():
        raise Conflict(
            f"{member.user.username} is the last admin of this workspace.",
            "Make somebody else an admin first.",
        )
