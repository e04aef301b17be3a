"""The form of a new tuning job: a row for each hyperparameter that may vary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from datasets.models import Preparation
from jobs import ranges, training, tuning
from jobs.catalogue.definition import Algorithm
from jobs.forms.launch import PREFIX, NewJobForm
from jobs.forms.machine import MachineForm, machine_of
from jobs.models import TuningJob
from jobs.preflight import Plan

VARIED_AT_FIRST = 3


@dataclass(frozen=True)
class RangeRow:
    """The fields of one hyperparameter's range; `low`, `high` and `scaling`, or `values`."""

    name: str
    help: str
    vary: forms.BoundField
    cells: list[forms.BoundField]
    errors: list[str]


class TuningForm(NewJobForm):
    """What stays the same, as a new job has it; and what varies: `vary.`, `low.`, … `<name>`."""

    objective = forms.ChoiceField(label="Objective metric", help_text="What the search improves.")
    strategy = forms.ChoiceField(
        choices=[
            ("Bayesian", "Bayesian: learns from finished trials"),
            ("Random", "Random: all trials at once, if you like"),
            ("Grid", "Grid: every combination of listed values"),
            ("Hyperband", "Hyperband: ends weak trials early"),
        ]
    )
    max_jobs = forms.IntegerField(initial=9, label="Trials", help_text="At most so many jobs.")
    max_parallel = forms.IntegerField(
        initial=3, label="At a time", help_text="Fewer learn more from each other."
    )
    early_stopping = forms.BooleanField(
        required=False, label="Stop hopeless trials", help_text="AWS compares them as they train."
    )
    seed = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="The same draws again."
    )

    def __init__(
        self, *args: Any, entry: Algorithm, preparation: Preparation, **kwargs: Any
    ) -> None:
        super().__init__(*args, entry=entry, preparation=preparation, **kwargs)
        objective = self.fields["objective"]
        assert isinstance(objective, forms.ChoiceField)  # noqa: S101  declared above
        names = _fitting(entry, preparation)
        objective.choices = [(name, f"{name} ({_goal(entry, name)})") for name in names]
        objective.initial = _usual(entry, preparation, names)
        self.spans = ranges.suggested(entry, training.data_of(preparation).rows)
        for number, span in enumerate(self.spans):
            self._add(span, varied=number < VARIED_AT_FIRST)
            # A hyperparameter that varies needs no value of its own.
            self.fields[PREFIX + span.name].required = False

    def _add(self, span: ranges.Span, *, varied: bool) -> None:
        name = span.name
        self.fields[f"vary.{name}"] = forms.BooleanField(
            required=False, initial=varied, label=f"Vary {name}"
        )
        if span.kind == "categorical":
            self.fields[f"values.{name}"] = forms.CharField(
                required=False, initial=", ".join(span.values), label=f"Values of {name}"
            )
            return
        for edge, text in (("low", span.low), ("high", span.high)):
            self.fields[f"{edge}.{name}"] = forms.CharField(
                required=False, initial=text, label=f"{edge.capitalize()}est {name}"
            )
        self.fields[f"scaling.{name}"] = forms.ChoiceField(
            choices=[(one, one) for one in ranges.SCALINGS],
            required=False,
            initial=span.scaling,
            label=f"Scaling of {name}",
        )

    @property
    def wished_ranges(self) -> list[dict[str, Any]]:
        """What was typed of the hyperparameters that vary."""
        found: list[dict[str, Any]] = []
        for span in self.spans:
            if self.data.get(f"vary.{span.name}"):
                typed = {
                    part: str(self.data.get(f"{part}.{span.name}", ""))
                    for part in ("low", "high", "scaling", "values")
                }
                found.append({"name": span.name} | typed)
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = MachineForm.clean(self)
        search = self._search(cleaned)
        found = tuning.check(
            self.entry, self.preparation, self.texts, self.wished_ranges, search, self.machine
        )
        for name, messages in found.errors.items():
            field = name.replace("ranges.", "vary.", 1)
            if field not in self.errors:
                self.add_error(field if field in self.fields else None, messages)
        return cleaned

    @property
    def plan(self) -> Plan:
        search = self._search(self.cleaned_data)
        return tuning.plan_of(self.entry, self.preparation, self.texts, search, self.machine)

    @property
    def rows(self) -> Iterator[RangeRow]:
        for span in self.spans:
            parts = ("values",) if span.kind == "categorical" else ("low", "high", "scaling")
            yield RangeRow(
                span.name,
                self.entry.by_name[span.name].help,
                self[f"vary.{span.name}"],
                [self[f"{part}.{span.name}"] for part in parts],
                [str(text) for text in self[f"vary.{span.name}"].errors],
            )

    def _search(self, cleaned: dict[str, Any]) -> tuning.Search:
        """What was typed, the defaults for what could not be read."""
        return tuning.Search(
            objective=cleaned.get("objective", ""),
            strategy=cleaned.get("strategy", ""),
            max_jobs=cleaned.get("max_jobs", 1),
            max_parallel=cleaned.get("max_parallel", 1),
            early_stopping=cleaned.get("early_stopping", False),
            seed=cleaned.get("seed"),
        )

    @property
    def wish(self) -> dict[str, Any]:
        """The arguments of `tuning.request`, of a valid form."""
        search = self._search(self.cleaned_data)
        kept = {name: self.cleaned_data[name] for name in ("name", "experiment")}
        asked = {"hyperparameters": self.texts, "ranges": self.wished_ranges}
        return kept | asked | {"search": search, "machine": self.machine}


def initial_of_tuning(row: TuningJob) -> dict[str, Any]:
    """A form's values for a copy of `row`."""
    plain = ("objective", "strategy", "max_jobs", "max_parallel", "early_stopping", "seed")
    values: dict[str, Any] = machine_of(row) | {name: getattr(row, name) for name in plain}
    values |= {PREFIX + name: text for name, text in row.hyperparameters.items()}
    values |= {
        f"vary.{span.name}": False
        for span in ranges.suggested(training.known_algorithm(row.algorithm))
    }
    for one in row.ranges:
        name = one["name"]
        values |= {
            f"vary.{name}": True,
            f"low.{name}": one["low"],
            f"high.{name}": one["high"],
            f"scaling.{name}": one["scaling"],
            f"values.{name}": ", ".join(one["values"]),
        }
    return values


def _fitting(entry: Algorithm, preparation: Preparation) -> list[str]:
    """Objective metrics whose channel has rows, those that fit the task first."""
    splits = set(preparation.channels)
    found: list[str] = []
    for metric in entry.metrics:
        channel = next((c for c in entry.channels if metric.name.startswith(f"{c.name}:")), None)
        if metric.is_objective and channel and splits & {channel.name, channel.split}:
            found.append(metric.name)
    return found


def _usual(entry: Algorithm, preparation: Preparation, names: list[str]) -> str:
    texts = {one.name: one.value for one in entry.filled(training.data_of(preparation))}
    headline = entry.headline(texts)
    return headline if headline in names else next(iter(names), "")


def _goal(entry: Algorithm, name: str) -> str:
    return "more is better" if entry.maximizes(name) else "less is better"
