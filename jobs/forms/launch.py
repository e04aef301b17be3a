"""The form of a new job, made from the catalogue; the step's own validator decides."""

from typing import Any

from django import forms
from django.utils.functional import cached_property

from datasets.models import Preparation
from jobs import changes, estimate, training
from jobs.catalogue.definition import Algorithm, Hyperparameter, Kind, Range
from jobs.forms.machine import MachineForm, Note, machine_of
from jobs.hyperparameters import Standing, checked, standings
from jobs.models import TrainingJob
from jobs.preflight import Plan

PREFIX = changes.PREFIX
KINDS = {
    Kind.INTEGER: "whole number",
    Kind.CONTINUOUS: "number",
    Kind.CATEGORICAL: "one of a list",
    Kind.LISTING: "names with commas between",
    Kind.TUPLE: "(numbers)",
    Kind.NESTED_LIST: "[[numbers]]",
    Kind.JSON_LIST: '["names"]',
}


class NewJobForm(MachineForm):
    """One field per hyperparameter that the algorithm offers, named `hyperparameters.<name>`.

    With `original` it is the form of a copy: fields say what differs, and so does `changed`.
    """

    def __init__(
        self,
        *args: Any,
        entry: Algorithm,
        preparation: Preparation,
        original: TrainingJob | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entry, self.preparation, self.original = entry, preparation, original
        self.offer(entry.instance_types, preparation.workspace)
        implied = {one.name: one for one in entry.filled(training.data_of(preparation))}
        kept = original.hyperparameters if original else {}
        for parameter in entry.hyperparameters:
            if (parameter.hidden or parameter.only_in) and parameter.name not in kept:
                continue
            field = _field(parameter)
            if found := implied.get(parameter.name):
                field.initial = found.value
                field.help_text = f"{parameter.help} Filled in from the data: {found.why}"
            self.fields[PREFIX + parameter.name] = field

    def note_of(self, name: str) -> Note:
        was = next((one.before for one in self.changed if one.field == name), "")
        parameter = self.entry.by_name.get(name.removeprefix(PREFIX))
        if not name.startswith(PREFIX) or parameter is None:
            return Note(was=was)
        standing = self._standings.get(parameter.name, Standing("", ""))
        return Note(
            facts=_facts(parameter),
            link=self.entry.docs_of(parameter.name),
            state=standing.state,
            when=standing.words,
            was=was,
        )

    @cached_property
    def _standings(self) -> dict[str, Standing]:
        names = (name for name in self.fields if name.startswith(PREFIX))
        texts = {name.removeprefix(PREFIX): str(self[name].value() or "") for name in names}
        return standings(self.entry, texts, training.data_of(self.preparation))

    @cached_property
    def changed(self) -> list[changes.Change]:
        """What a copy has that its original has not, as far as it is valid."""
        if self.original is None:
            return []
        before = training.recipe_of(self.original)
        data = training.name_of(self.preparation)
        if not self.is_bound:
            return changes.between(before, {**before, "data": data})
        wrong = set(self.errors)  # this checks the form, which fills in the machine
        sent = checked(self.entry, self.texts, training.data_of(self.preparation)).texts
        after = changes.recipe(self.texts | sent, self.machine, data)
        return [one for one in changes.between(before, after) if one.field not in wrong]

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
    def plan(self) -> Plan:
        """What would be launched, as far as it can be read; of a form that was checked."""
        return training.plan_of(self.preparation, self.entry, self.texts, self.machine)

    def alike(self, instance_type: str, instance_count: int) -> estimate.Like:
        return estimate.like(
            self.preparation.workspace,
            self.entry,
            rows=training.data_of(self.preparation).rows,
            texts={name: str(self[PREFIX + name].value() or "") for name in self._steps},
            instance_type=instance_type,
            instance_count=instance_count,
        )

    @property
    def _steps(self) -> tuple[str, ...]:
        return (self.entry.steps,) if PREFIX + self.entry.steps in self.fields else ()

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
        if not name.startswith(changes.OF_TUNING)
    }


def _facts(parameter: Hyperparameter) -> str:
    """Its type, range, default and the range that Amazon tunes it in."""
    numeric = parameter.kind in {Kind.INTEGER, Kind.CONTINUOUS}
    ranged = str(parameter.range) if numeric and parameter.range != Range() else ""
    words = [KINDS[parameter.kind], ranged, *(f"or {word}" for word in parameter.words)]
    told = [" ".join(filter(None, words))]
    if parameter.default:
        told.append(f"default {parameter.default}")
    if tunable := parameter.tunable:
        told.append(f"tuned from {tunable.low:.12g} to {tunable.high:.12g}")
    elif parameter.tune_values:
        told.append(f"tuned over {', '.join(parameter.tune_values)}")
    return " · ".join(told)


def _field(parameter: Hyperparameter) -> forms.Field:
    shared: dict[str, Any] = {
        "label": parameter.name,
        "required": parameter.required,
        "initial": parameter.suggested,
        "help_text": parameter.help,
        "error_messages": {"required": f"{parameter.name} is required."},
    }
    if parameter.kind is Kind.CATEGORICAL:
        empty = f"default: {parameter.default}" if parameter.default else "–"
        choices = [("", empty), *((one, one) for one in parameter.choices)]
        return forms.CharField(widget=forms.Select(choices=choices), **shared)
    # No autocomplete="off": browsers would forget the value when somebody comes back to the page.
    attributes = {"spellcheck": "false", "placeholder": parameter.default}
    if parameter.kind in {Kind.INTEGER, Kind.CONTINUOUS}:
        attributes["inputmode"] = "decimal"
    return forms.CharField(widget=forms.TextInput(attrs=attributes), **shared)
