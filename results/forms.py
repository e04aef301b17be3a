"""What a person may ask of results; pages and API validate through the same steps."""

from typing import Any

from django import forms

from datasets.models import Preparation
from endpoints.models import Endpoint
from results import reports, share

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
        max_length=share.TITLE,
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
    figure = forms.ChoiceField(required=False, label="What it shows")
    embed_origin = forms.CharField(
        required=False,
        max_length=255,
        label="Page that may embed the figure",
        help_text="Its origin, as in https://intranet.example.com. No other page can frame it.",
    )
    is_live = forms.BooleanField(required=False, label="Show the report as it changes")
    allow_download = forms.BooleanField(required=False, label="Readers may download it")
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=128)

    def __init__(
        self, *args: Any, figures: list[tuple[str, str]], may_be_live: bool, **kwargs: Any
    ) -> None:
        """`figures` that can be shared by themselves; a report has none."""
        super().__init__(*args, **kwargs)
        if not figures:
            del self.fields["figure"], self.fields["embed_origin"]
        elif isinstance(chosen := self.fields["figure"], forms.ChoiceField):
            chosen.choices = [("", "The whole result"), *figures]
        if not may_be_live:
            del self.fields["is_live"]


class ShareChangeForm(forms.Form):
    """The terms that can change while a link works."""

    title = forms.CharField(max_length=share.TITLE)
    expires_in_days = forms.IntegerField(
        required=False,
        label="Expires after (days from now)",
        min_value=1,
        max_value=share.LONGEST_DAYS,
        help_text="Empty: as it is.",
    )
    allow_download = forms.BooleanField(required=False, label="Readers may download it")


class NewReportForm(forms.Form):
    """What a report begins with."""

    title = forms.CharField(max_length=reports.TITLE, initial=reports.UNTITLED)
    evaluations = forms.MultipleChoiceField(
        required=False,
        label="Results",
        widget=forms.CheckboxSelectMultiple,
        help_text="Of one: its figures, matrix and classes. Of several: side by side. "
        "All can be changed afterwards.",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=128)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(field := self.fields["evaluations"], forms.MultipleChoiceField):
            field.choices = choices
