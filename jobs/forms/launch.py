"""The form of a new job, made from the catalogue; the step's own validator decides."""

from typing import Any

from django import forms

from core.templatetags.ui import money
from datasets.models import Preparation
from jobs import cost, training
from jobs.catalogue.definition import Algorithm, Hyperparameter, Kind, Range
from jobs.models import TrainingJob

PREFIX = "hyperparameters."
RUNTIMES = (
    (600, "10 minutes"),
    (3_600, "1 hour"),
    (4 * 3_600, "4 hours"),
    (12 * 3_600, "12 hours"),
    (86_400, "1 day"),
)


class NewJobForm(forms.Form):
    """One field per hyperparameter that the algorithm offers, named `hyperparameters.<name>`."""

    name = forms.CharField(
        required=False, help_text="How you will find it again; after the data when left empty."
    )
    experiment = forms.CharField(required=False, help_text="Groups runs that belong together.")
    instance_type = forms.CharField()
    instance_count = forms.IntegerField(initial=1, label="Instances")
    max_runtime_seconds = forms.TypedChoiceField(
        choices=RUNTIMES,
        coerce=int,
        initial=3_600,
        label="Maximum runtime",
        help_text="AWS ends the job then, whatever it has reached.",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self, *args: Any, entry: Algorithm, preparation: Preparation, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entry, self.preparation = entry, preparation
        self.fields["instance_type"] = _instance_field(entry, self.initial.get("instance_type", ""))
        data = training.data_of(preparation)
        implied = {one.name: one for one in entry.filled(data)}
        for parameter in entry.hyperparameters:
            if parameter.hidden or parameter.only_in:
                continue
            field = _field(parameter)
            if found := implied.get(parameter.name):
                field.initial = found.value
                field.help_text = f"{_help(parameter)} Filled in from the data: {found.why}"
            self.fields[PREFIX + parameter.name] = field

    @property
    def texts(self) -> dict[str, str]:
        """Hyperparameters as they were typed, by name; blanks left out."""
        typed = {
            name.removeprefix(PREFIX): str(self.data.get(name, "")).strip()
            for name in self.fields
            if name.startswith(PREFIX)
        }
        return {name: text for name, text in typed.items() if text}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        found = training.problems(
            self.texts,
            preparation=self.preparation,
            algorithm=self.entry,
            instance_type=str(self.data.get("instance_type", "")),
            instance_count=cleaned.get("instance_count", 1),
            max_runtime_seconds=cleaned.get("max_runtime_seconds", 3_600),
        )
        for name, messages in found.items():
            if name not in self.errors:  # the field has said it already
                self.add_error(name if name in self.fields else None, messages)
        return cleaned

    @property
    def usual(self) -> list[forms.BoundField]:
        return self._group(usual=True)

    @property
    def advanced(self) -> list[forms.BoundField]:
        return self._group(usual=False)

    @property
    def advanced_is_used(self) -> bool:
        return any(field.value() or field.errors for field in self.advanced)

    def _group(self, *, usual: bool) -> list[forms.BoundField]:
        return [
            self[PREFIX + one.name]
            for one in self.entry.hyperparameters
            if one.usual == usual and PREFIX + one.name in self.fields
        ]

    @property
    def hourly(self) -> float | None:
        """US dollars an hour of what is chosen now, valid or not yet."""
        chosen, count = self["instance_type"].value(), str(self["instance_count"].value())
        instances = int(count) if count.isascii() and count.isdigit() else 1
        return cost.per_hour(str(chosen), min(instances, 1_000))

    @property
    def cap(self) -> float | None:
        """What the maximum runtime would cost."""
        seconds = str(self["max_runtime_seconds"].value())
        if self.hourly is None or not seconds.isdigit():
            return None
        return self.hourly * int(seconds) / 3_600


def wish_of(form: NewJobForm) -> dict[str, Any]:
    """The arguments of `training.request` in a valid form."""
    wanted = ("name", "experiment", "instance_type", "instance_count", "max_runtime_seconds")
    return {name: form.cleaned_data[name] for name in wanted} | {"hyperparameters": form.texts}


def initial_of(job: TrainingJob) -> dict[str, Any]:
    """A form's values for a copy of `job`."""
    experiment = job.experiment.name if job.experiment else ""
    values = {
        "name": f"{job.name} (copy)"[:120],
        "experiment": experiment,
        "instance_type": job.instance_type,
        "instance_count": job.instance_count,
        "max_runtime_seconds": job.max_runtime_seconds,
    }
    # A tuning job marks its trials with hyperparameters of its own: _tuning_objective_metric.
    return values | {
        PREFIX + name: text
        for name, text in job.hyperparameters.items()
        if not name.startswith("_")
    }


def _help(parameter: Hyperparameter) -> str:
    """What it does, which numbers it takes, and when it matters."""
    told = [parameter.help]
    if parameter.range != Range() and parameter.kind in {Kind.INTEGER, Kind.CONTINUOUS}:
        words = "".join(f", or {word}" for word in parameter.words)
        told.append(f"{str(parameter.range).capitalize()}{words}.")
    if parameter.applies_when:
        told.append(f"Only when {parameter.applies_when}.")
    return " ".join(told)


def _field(parameter: Hyperparameter) -> forms.Field:
    shared: dict[str, Any] = {
        "label": parameter.name,
        "required": parameter.required,
        "initial": parameter.suggested,
        "help_text": _help(parameter),
        "error_messages": {"required": f"{parameter.name} is required."},
    }
    if parameter.kind is Kind.CATEGORICAL:
        empty = f"default: {parameter.default}" if parameter.default else "–"
        choices = [("", empty), *((one, one) for one in parameter.choices)]
        return forms.CharField(widget=forms.Select(choices=choices), **shared)
    attributes = {"autocomplete": "off", "spellcheck": "false", "placeholder": parameter.default}
    if parameter.kind in {Kind.INTEGER, Kind.CONTINUOUS}:
        attributes["inputmode"] = "decimal"
    return forms.CharField(widget=forms.TextInput(attrs=attributes), **shared)


def _instance_field(entry: Algorithm, chosen: str) -> forms.Field:
    offered = list(dict.fromkeys([*entry.instance_types, *filter(None, [chosen])]))
    return forms.ChoiceField(
        choices=[(name, _priced(name)) for name in offered],
        initial=entry.instance_types[0],
        label="Instance type",
    )


def _priced(instance_type: str) -> str:
    usd = cost.per_hour(instance_type)
    price = "price not known" if usd is None else f"{money(usd)} an hour"
    return f"{instance_type} · {price}"
