"""What every form of a job asks: its name, and where it runs."""

from typing import Any

from django import forms

from aws import pricing
from core.templatetags.ui import duration, money
from jobs import cost
from jobs.forms.choice import SelectOrType, TimeField
from jobs.machine import Machine, pairs, seconds, spelt
from jobs.models import TrainingJob, TuningJob

RUNTIMES = (
    (600, "10 minutes"),
    (3_600, "1 hour"),
    (4 * 3_600, "4 hours"),
    (12 * 3_600, "12 hours"),
    (86_400, "1 day"),
    (5 * 86_400, "5 days"),
)
LINES = {"rows": 3, "spellcheck": "false", "autocomplete": "off"}


class MachineForm(forms.Form):
    """`machine` is what was chosen; its errors stand at the fields of the same names."""

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

    def offer(self, instance_types: tuple[str, ...]) -> None:
        """These instance types as recommended, all that have a price, and what a copy had."""
        wished = str(self.initial.get("instance_type", ""))
        rest = {*pricing.known(), *filter(None, [wished])} - set(instance_types)
        groups = (("Recommended", instance_types), ("Others", sorted(rest)))
        self._list("instance_type").choices = [
            (title, [(name, _priced(name)) for name in names]) for title, names in groups
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

    @property
    def hourly(self) -> float | None:
        """US dollars an hour of what is chosen now, valid or not yet."""
        chosen, count = self["instance_type"].value(), str(self["instance_count"].value())
        instances = int(count) if count.isascii() and count.isdigit() else 1
        return cost.per_hour(str(chosen), min(instances, 1_000))

    @property
    def cap(self) -> float | None:
        """What the maximum runtime would cost."""
        longest = seconds(str(self["max_runtime_seconds"].value()))
        if self.hourly is None or longest is None:
            return None
        return self.hourly * longest / 3_600


def machine_of(job: TrainingJob | TuningJob) -> dict[str, Any]:
    """A form's values for a copy of `job`: where it runs, its name and its experiment."""
    plain = ("instance_type", "instance_count", "volume_gb", "max_runtime_seconds", "use_spot")
    return {name: getattr(job, name) for name in (*plain, "max_wait_seconds")} | {
        "name": f"{job.name} (copy)"[:120],
        "experiment": job.experiment.name if job.experiment else "",
        "environment": spelt(job.environment),
        "aws_tags": spelt(job.aws_tags),
    }


def _priced(instance_type: str) -> str:
    usd = cost.per_hour(instance_type)
    price = "price not known" if usd is None else f"{money(usd)} an hour"
    return f"{instance_type} · {price}"
