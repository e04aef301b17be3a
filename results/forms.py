"""What a person may ask of results; pages and API validate through the same steps."""

from typing import Any

from django import forms

from datasets.models import Preparation
from endpoints.models import Endpoint
from results import share

SPLITS = {"test": "Test: rows it has never seen", "validation": "Validation", "train": "Train"}


class EvaluationForm(forms.Form):
    """Which prepared data to send through `endpoint`, and which part of it."""

    preparation = forms.ModelChoiceField(
        Preparation.objects.none(),
        to_field_name="uid",
        empty_label=None,
        help_text="Only data with the features and labels that the model learned.",
    )
    split = forms.ChoiceField(
        choices=list(SPLITS.items()),
        initial="test",
        help_text="Rows it learned from flatter a model; the test rows do not.",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=128)

    def __init__(self, *args: Any, endpoint: Endpoint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        job = endpoint.model.job if endpoint.model else None
        trained_on = job.preparation if job else None
        field = self.fields["preparation"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = comparable(trained_on)
            field.initial = trained_on.uid if trained_on else None


def comparable(trained_on: Preparation | None) -> Any:
    """Ready preparations with the same target; the step has the last word on their features."""
    rows = Preparation.objects.present()
    if trained_on is None:
        return rows.none()
    return rows.of(trained_on.workspace).filter(
        status=Preparation.Status.READY,
        algorithm=trained_on.algorithm,
        target=trained_on.target,
        task=trained_on.task,
    )


class ShareForm(forms.Form):
    """The terms of a link."""

    title = forms.CharField(
        max_length=120,
        initial=share.UNTITLED,
        help_text="The heading of the page, and all that a chat's link preview shows.",
    )
    expires_in_days = forms.IntegerField(
        label="Expires after (days)", min_value=1, max_value=share.LONGEST_DAYS, initial=30
    )
    password = forms.CharField(
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=f"At least {share.SHORTEST_PASSWORD} characters, sent to the reader another way.",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=128)
