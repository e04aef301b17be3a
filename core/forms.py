from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from core.models import ApiToken


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
