"""What a person may ask of results; pages and API validate through the same steps."""

from typing import Any

from django import forms

from core.errors import InvalidFields, UserError
from datasets.models import Preparation
from endpoints.models import Endpoint, RegisteredModel
from jobs.machine import INSTANCES
from results import reports, share, subjects
from results.subjects import Subject

SPLITS = {"test": "Test: rows it has never seen", "validation": "Validation", "train": "Train"}
MOST_LOOKED_AT = 200  # endpoints
MOST_RIVALS = 20


class EvaluationForm(forms.Form):
    """Which rows to send through `subject`, and perhaps through other endpoints, too."""

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
    file = forms.FileField(
        required=False,
        label="Or a file with answers",
        help_text="CSV with the dataset's columns, the target among them; it goes before a split.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.jsonl,.gz,text/csv"}),
    )
    known = forms.ChoiceField(
        required=False,
        label="Column that tells what is true",
        help_text="The model learned without. With one, its answers are compared with it.",
    )
    others = forms.ModelMultipleChoiceField(
        Endpoint.objects.none(),
        to_field_name="uid",
        required=False,
        label="Ask these endpoints, too",
        widget=forms.CheckboxSelectMultiple,
        help_text="Of the same rows, so that they can be compared.",
    )
    instance_type = forms.CharField(max_length=40, initial="ml.m5.large")
    instance_count = forms.IntegerField(
        label="Instances", min_value=1, max_value=INSTANCES[-1], initial=1
    )
    upload = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=128)

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = subjects.trained_on(subject)
        field = self.fields["preparation"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = comparable(subject, own)
            field.initial = own.uid if own else None
        unused = ["others"] if isinstance(subject, RegisteredModel) else ["instance_type"]
        unused += [] if isinstance(subject, RegisteredModel) else ["instance_count"]
        rivals = rivals_of(subject, own) if isinstance(subject, Endpoint) else []
        if isinstance(chosen := self.fields["others"], forms.ModelMultipleChoiceField):
            chosen.queryset = Endpoint.objects.filter(pk__in=[one.pk for one in rivals])
        if not rivals and "others" not in unused:
            unused.append("others")
        names = [column["name"] for column in own.dataset.columns] if own else []
        if own is None or own.target:
            unused.append("known")
        elif isinstance(known := self.fields["known"], forms.ChoiceField):
            known.choices = [("", "None"), *((name, name) for name in names)]
        for name in unused:
            del self.fields[name]

    @property
    def rivals(self) -> list[Endpoint]:
        return list(self.cleaned_data.get("others") or [])

    @property
    def wish(self) -> dict[str, Any]:
        """What `evaluate.request` takes besides what is asked, of a valid form."""
        names = ("preparation", "split", "known", "instance_type", "instance_count")
        found = {name: self.cleaned_data[name] for name in names if name in self.fields}
        return found | ({"known_by": found.pop("known")} if "known" in found else {})

    def complain(self, error: UserError) -> None:
        """Show what a step refused, at its fields."""
        texts = " ".join(filter(None, (error.message, error.hint)))
        found = error.errors if isinstance(error, InvalidFields) else {error.field: [texts]}
        for name, told in found.items():
            for text in told:
                self.add_error(name if name in self.fields else None, text)


def comparable(subject: Subject, trained_on: Preparation | None) -> Any:
    """Ready preparations with the same target; the step has the last word on their features.

    All of the workspace for a model of which nobody knows what it learned from.
    """
    rows = Preparation.objects.present().of(subject.workspace)
    rows = rows.filter(status=Preparation.Status.READY)
    if trained_on is None:
        return rows
    return rows.filter(
        algorithm=trained_on.algorithm, target=trained_on.target, task=trained_on.task
    )


def rivals_of(endpoint: Endpoint, trained_on: Preparation | None) -> list[Endpoint]:
    """Other endpoints whose models learned the same features and labels."""
    if trained_on is None:
        return []
    rows = Endpoint.objects.present().of(endpoint.workspace).exclude(pk=endpoint.pk)
    rows = rows.filter(status=Endpoint.Status.IN_SERVICE, model__job__preparation__isnull=False)
    near = rows.select_related("model__job__preparation").order_by("name", "pk")
    same = [one for one in near[:MOST_LOOKED_AT] if _learned_alike(one, trained_on)]
    return same[:MOST_RIVALS]


def _learned_alike(endpoint: Endpoint, trained_on: Preparation) -> bool:
    own = subjects.trained_on(endpoint)
    return own is not None and subjects.shape(own) == subjects.shape(trained_on)


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
