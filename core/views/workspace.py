"""The page of the current workspace: its members see it, its admins change it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import workspaces
from core.access import Actor
from core.errors import InvalidFields, UserError
from core.forms import MemberForm, RoleForm, WorkspaceForm
from core.http import actor_of, page
from core.models import Membership, Role, Workspace
from core.nudge import nudge
from core.tasks import apply_workspace


@require_GET
def workspace_page(request: HttpRequest) -> HttpResponse:
    return _workspace(request, actor_of(request))


def _workspace(
    request: HttpRequest, who: Actor, *, status: int = 200, **forms: Any
) -> HttpResponse:
    workspace = who.workspace
    is_local = workspace.kind == Workspace.Kind.LOCAL
    members = Membership.objects.filter(workspace=workspace).select_related("user")
    context = {
        "may_manage": who.may(Role.ADMIN),
        "is_local": is_local,
        "members": members.order_by("-role", "user__username"),
        "roles": Role.choices,
        "sharing": workspaces.sharing_role(workspace) if is_local else [],
        "trouble": workspaces.trouble(workspace) if is_local else "",
        "settings_form": WorkspaceForm.of(workspace),
        "member_form": MemberForm(),
    }
    return page(request, "core/workspace.html", context | forms, status=status)


@require_POST
def change_settings(request: HttpRequest) -> HttpResponse:
    who = _admin(request)
    form = WorkspaceForm(request.POST)
    if form.is_valid():
        try:
            workspaces.change(who, form.wishes)
        except InvalidFields as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "The settings are saved.")
            return redirect("workspace")
    return _workspace(request, who, status=422, settings_form=form)


@require_POST
def allow_scripts(request: HttpRequest) -> HttpResponse:
    """`allow=1` turns the switch on, anything else off."""
    allow = request.POST.get("allow") == "1"
    workspace = workspaces.change(_admin(request), {"allow_scripts": allow})
    nudge(apply_workspace, workspace.pk)
    said = "Jobs may now bring scripts." if allow else "No new job or model may bring a script."
    messages.success(request, said)
    return redirect("workspace")


@require_POST
def add_member(request: HttpRequest) -> HttpResponse:
    who = _admin(request)
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            member = workspaces.add_member(who, **form.cleaned_data)
        except UserError as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, f"{member.user.username} is a {member.get_role_display()}.")
            return redirect("workspace")
    return _workspace(request, who, status=422, member_form=form)


@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    who = _admin(request)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise UserError("There is no such role.")
    member = workspaces.change_role(who, pk, form.cleaned_data["role"])
    messages.success(request, f"{member.user.username} is now a {member.get_role_display()}.")
    return redirect("workspace")


@require_http_methods(["GET", "POST"])
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    who = _admin(request)
    member = workspaces.member(who, pk)
    if request.method == "GET":
        return page(request, "core/remove_member.html", {"member": member})
    workspaces.remove_member(who, pk)
    messages.success(request, f"{member.user.username} is no longer a member.")
    return redirect("home" if member.user_id == who.user.pk else "workspace")


def _admin(request: HttpRequest) -> Actor:
    who = actor_of(request)
    who.need(Role.ADMIN)
    return who
