from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from core.errors import InvalidFields
from core.models import ApiToken, Role, Workspace

GB = 2**30


class TokenForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="Where it is used, for example “notebook”.")
    scope = forms.ChoiceField(choices=ApiToken.Scope, initial=ApiToken.Scope.WRITE)
    days = forms.IntegerField(
        min_value=1, max_value=365, initial=90, label="Valid for (days)", required=False
    )

    @property
    def expires_at(self) -> datetime | None:
        days = self.cleaned_data.get("days")
        return timezone.now() + timedelta(days=days) if days else None


def _role_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        choices=Role.choices, coerce=lambda value: Role(int(value)), initial=Role.MEMBER
    )


class RoleForm(forms.Form):
    role = _role_field()


class MemberForm(forms.Form):
    username = forms.CharField(max_length=150, label="User name", help_text="Of an existing user.")
    role = _role_field()


class WorkspaceForm(forms.Form):
    """What `workspaces.change` takes, as people write it."""

    import_buckets = forms.CharField(
        required=False,
        max_length=4_000,
        label="Buckets to import from",
        help_text="One name per line. The workspace's own bucket is always allowed.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    prepare_here_gb = forms.FloatField(
        min_value=0,
        label="Prepare here up to (GB)",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    @classmethod
    def of(cls, workspace: Workspace) -> "WorkspaceForm":
        gigabytes = round(workspace.prepare_here_bytes / GB, 3)
        buckets = "\n".join(workspace.import_buckets)
        return cls(initial={"import_buckets": buckets, "prepare_here_gb": f"{gigabytes:g}"})

    @property
    def wishes(self) -> dict[str, Any]:
        return {
            "import_buckets": self.cleaned_data["import_buckets"].split(),
            "prepare_here_bytes": round(self.cleaned_data["prepare_here_gb"] * GB),
        }

    def refuse(self, refusal: InvalidFields) -> None:
        names = {"prepare_here_bytes": "prepare_here_gb"}
        for name, problems in refusal.errors.items():
            self.add_error(names.get(name, name), problems)
