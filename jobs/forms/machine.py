"""What every form of a job asks: its name, and where it runs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from aws import pricing
from core.models import Workspace
from core.templatetags.ui import duration, money
from jobs import cost, estimate
from jobs.forms.choice import SelectOrType, TimeField
from jobs.machine import Machine, pairs, seconds, spelt
from jobs.models import TrainingJob, TuningJob
from jobs.prices import Book

RUNTIMES = (
    (600, "10 minutes"),
    (3_600, "1 hour"),
    (4 * 3_600, "4 hours"),
    (12 * 3_600, "12 hours"),
    (86_400, "1 day"),
    (5 * 86_400, "5 days"),
)
LINES = {"rows": 3, "spellcheck": "false"}


@dataclass(frozen=True)
class Note:
    """What stands at a field beside its help: facts of it, Amazon's words, and what holds now.

    `state` is "needed" or "off" when a condition says so in `when`; `was` is what the original of
    a copy has instead.
    """

    facts: str = ""
    link: str = ""
    state: str = ""
    when: str = ""
    was: str = ""


class NotedField(BoundField):
    form: "MachineForm"

    @property
    def note(self) -> Note:
        return self.form.note_of(self.name)

    @property
    def aria_describedby(self) -> str:
        """Also what is not there yet: a check while typing adds it."""
        return " ".join(f"{self.auto_id}_{part}" for part in ("helptext", "error", "when", "was"))


class MachineForm(forms.Form):
    """`machine` is what was chosen; its errors stand at the fields of the same names."""

    bound_field_class = NotedField

    name = forms.CharField(
        required=False, help_text="How you will find it again; after the data when left empty."
    )
    experiment = forms.CharField(required=False, help_text="Groups runs that belong together.")
    instance_type = forms.CharField(
        label="Instance type",
        widget=SelectOrType(other="Another type", example="ml.m7i.large"),
        error_messages={"required": "Choose an instance type."},
    )
    instance_count = forms.IntegerField(initial=1, label="Instances")
    volume_gb = forms.IntegerField(
        initial=10, label="Volume in GB", help_text="Holds the data and the model."
    )
    max_runtime_seconds = TimeField(
        choices=RUNTIMES,
        initial=3_600,
        label="Maximum runtime",
        help_text="AWS ends the job then, whatever it has reached.",
    )
    use_spot = forms.BooleanField(
        required=False,
        label="Spot instances",
        help_text="Spare machines at up to 90 % less than the price shown; AWS may take them back,"
        " and the job begins again.",
    )
    max_wait_seconds = TimeField(
        choices=(("", "as long as it may run"), *RUNTIMES),
        required=False,
        label="Maximum wait",
        help_text="With spot: waiting for instances and running together.",
    )
    environment = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Environment variables",
        help_text="NAME=value, one a line. No secrets: everybody who may describe the job sees"
        " them.",
    )
    aws_tags = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Tags at AWS",
        help_text="key=value, one a line; for cost reports, for example.",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def offer(self, instance_types: tuple[str, ...], workspace: Workspace) -> None:
        """These instance types as recommended, all that have a price, and what a copy had.

        Prices are those of the workspace's region.
        """
        self.workspace, self.book = workspace, Book(workspace.region)
        wished = str(self.initial.get("instance_type", ""))
        rest = {*pricing.known(), *filter(None, [wished])} - set(instance_types)
        groups = (("Recommended", instance_types), ("Others", sorted(rest)))
        self._list("instance_type").choices = [
            (title, [(name, _priced(name, self.book)) for name in names]) for title, names in groups
        ]
        self.fields["instance_type"].initial = instance_types[0]
        for name in ("max_runtime_seconds", "max_wait_seconds"):
            value = self.initial.get(name)
            if value and value not in dict(RUNTIMES):
                times = self._list(name)
                times.choices = [*times.choices, (value, duration(value))]

    def _list(self, name: str) -> SelectOrType:
        widget = self.fields[name].widget
        assert isinstance(widget, SelectOrType)  # noqa: S101  declared above
        return widget

    def note_of(self, name: str) -> Note:
        return Note()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("environment", "aws_tags"):
            for message in pairs(cleaned.get(name, ""))[1]:
                self.add_error(name, message)
        return cleaned

    @property
    def machine(self) -> Machine:
        """What was chosen, the defaults for what could not be read."""
        cleaned = getattr(self, "cleaned_data", {})
        plain = ("instance_count", "volume_gb", "max_runtime_seconds", "use_spot")
        return Machine(
            instance_type=str(self["instance_type"].data or "").strip(),
            max_wait_seconds=cleaned.get("max_wait_seconds"),
            environment=pairs(cleaned.get("environment", ""))[0],
            aws_tags=pairs(cleaned.get("aws_tags", ""))[0],
            **{name: cleaned[name] for name in plain if name in cleaned},
        )

    def complain(self, errors: dict[str, list[str]]) -> None:
        """Put the step's `errors` at their fields; a field that has its own keeps to it."""
        for name, messages in errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, messages)

    @property
    def labels_are_used(self) -> bool:
        fields = (self["environment"], self["aws_tags"])
        return any(field.value() or field.errors for field in fields)

    @cached_property
    def price(self) -> estimate.Price:
        """What launching it may cost, of what is chosen now, valid or not yet."""
        chosen = str(self["instance_type"].value() or "")
        return estimate.price(
            self.workspace,
            instance_type=chosen,
            instances=self._count("instance_count"),
            trials=self.trials,
            longest=seconds(str(self["max_runtime_seconds"].value())),
            is_spot=bool(self["use_spot"].value()),
            alike=self.alike(chosen, self._count("instance_count")),
            book=self.book,
        )

    @property
    def trials(self) -> int:
        """How many jobs are launched."""
        return 1

    def alike(self, instance_type: str, instance_count: int) -> estimate.Like | None:
        """Which finished jobs tell how long it takes; None where none can."""
        return None

    def _count(self, name: str) -> int:
        text = str(self[name].value())
        return min(int(text), 10_000) if text.isascii() and text.isdigit() else 1


def machine_of(job: TrainingJob | TuningJob) -> dict[str, Any]:
    """A form's values for a copy of `job`: where it runs, its name and its experiment."""
    plain = ("instance_type", "instance_count", "volume_gb", "max_runtime_seconds", "use_spot")
    return {name: getattr(job, name) for name in (*plain, "max_wait_seconds")} | {
        "name": f"{job.name} (copy)"[:120],
        "experiment": job.experiment.name if job.experiment else "",
        "environment": spelt(job.environment),
        "aws_tags": spelt(job.aws_tags),
    }


def _priced(instance_type: str, book: Book) -> str:
    usd = cost.per_hour(instance_type, 1, book)
    price = "price not known" if usd is None else f"{money(usd)} an hour"
    return f"{instance_type} · {price}"
