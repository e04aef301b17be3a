"""The form of a new job, made from the catalogue; the step's own validator decides."""

from typing import Any

from django import forms

from datasets.models import Preparation
from jobs import training
from jobs.catalogue.definition import Algorithm, Hyperparameter, Kind, Range
from jobs.forms.machine import MachineForm, machine_of
from jobs.models import TrainingJob

PREFIX = "hyperparameters."


class NewJobForm(MachineForm):
    """One field per hyperparameter that the algorithm offers, named `hyperparameters.<name>`."""

    def __init__(
        self, *args: Any, entry: Algorithm, preparation: Preparation, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entry, self.preparation = entry, preparation
        self.offer(entry.instance_types)
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
        self.complain(
            training.problems(
                self.texts,
                preparation=self.preparation,
                algorithm=self.entry,
                machine=self.machine,
            )
        )
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


def wish_of(form: NewJobForm) -> dict[str, Any]:
    """The arguments of `training.request` in a valid form."""
    named = {name: form.cleaned_data[name] for name in ("name", "experiment")}
    return named | {"machine": form.machine, "hyperparameters": form.texts}


def initial_of(job: TrainingJob) -> dict[str, Any]:
    """A form's values for a copy of `job`."""
    # A tuning job marks its trials with hyperparameters of its own: _tuning_objective_metric.
    return machine_of(job) | {
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
