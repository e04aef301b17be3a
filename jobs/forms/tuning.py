"""The form of a new tuning job: a row for each hyperparameter that may vary."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms

from core.templatetags.ui import figure
from datasets.models import Preparation
from jobs import parents, ranges, training, tuning
from jobs.catalogue.definition import Algorithm
from jobs.forms.launch import PREFIX, NewJobForm
from jobs.forms.machine import MachineForm, Note, machine_of
from jobs.models import TuningJob
from jobs.preflight import Plan

VARIED_AT_FIRST = 3
OFFERED = 20  # earlier tuning jobs to learn from
OF_A_RANGE = ("low.", "high.", "scaling.", "values.")  # their trouble stands at `vary.`


@dataclass(frozen=True)
class RangeRow:
    """The fields of one hyperparameter's range: `cells`, or for a grid `values`."""

    name: str
    help: str
    vary: forms.BoundField
    cells: list[forms.BoundField]  # low, high and scaling; none for words
    values: forms.BoundField


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
    warm_kind = forms.ChoiceField(
        choices=list(parents.KINDS.items()), required=False, label="How to use them"
    )
    warm_start = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Earlier tuning jobs",
        error_messages={"invalid_choice": "One of them is no longer there."},
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
        warm_start = self.fields["warm_start"]
        assert isinstance(warm_start, forms.MultipleChoiceField)  # noqa: S101  declared above
        earlier = parents.offered(preparation.workspace, entry.name)[:OFFERED]
        warm_start.choices = [(row.uid, _summed_up(row)) for row in earlier]
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
        self.fields[f"values.{name}"] = forms.CharField(
            required=False, initial=", ".join(ranges.listed(span)), label=f"Values of {name}"
        )
        if span.kind == "categorical":
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
            lists = span.kind == "categorical" or self.data.get("strategy") == "Grid"
            parts = ("values",) if lists else ("low", "high", "scaling")
            if self.data.get(f"vary.{span.name}"):
                typed = {part: str(self.data.get(f"{part}.{span.name}", "")) for part in parts}
                found.append({"name": span.name} | typed)
        return found

    @property
    def trials(self) -> int:
        if self.is_bound and self.data.get("strategy") == "Grid":
            return min(self._combinations, 10_000)
        return self._count("max_jobs")

    @property
    def _combinations(self) -> int:
        return ranges.points_of(one["values"] for one in self.wished_ranges)

    def note_of(self, name: str) -> Note:
        note = super().note_of(name)
        if self[f"vary.{name.removeprefix(PREFIX)}"].value() if name in self._varying else False:
            return replace(note, state="off", when="It varies: see above.")
        told = self._told_of_search if self.is_bound else {}
        return replace(note, when=told[name]) if name in told else note

    def told(self, changed: str) -> list[forms.BoundField]:
        """Fields whose notes a change of one may change; not the required ones nobody came to."""
        return [
            field
            for field in self.visible_fields()
            if not field.name.startswith(OF_A_RANGE)
            and (field.name == changed or field.value() or not self._is_required(field))
        ]

    def _is_required(self, field: forms.BoundField) -> bool:
        """Also where a range could take the place of the value."""
        parameter = self.entry.by_name.get(field.name.removeprefix(PREFIX))
        return field.field.required or bool(parameter and parameter.required)

    @property
    def _varying(self) -> set[str]:
        """Fields of a value that a range may take the place of."""
        return {PREFIX + span.name for span in self.spans}

    @property
    def _told_of_search(self) -> dict[str, str]:
        strategy, steps = self.data.get("strategy"), self.entry.steps
        if strategy == "Grid":
            count = f"{self._combinations:,}"
            return {
                "strategy": f"{count} combinations of the values listed.",
                "max_jobs": f"A grid tries all {count}, whatever stands here.",
            }
        most = ranges.rounds(self.entry, self.texts)
        if strategy == "Hyperband" and most:
            return {"strategy": f"A trial does between 1 and {most:,} rounds: {steps} is the most."}
        return {}

    @property
    def wished_parents(self) -> dict[str, Any] | None:
        uids = self.cleaned_data.get("warm_start")
        return {"kind": self.cleaned_data.get("warm_kind"), "parents": uids} if uids else None

    def clean(self) -> dict[str, Any]:
        cleaned = MachineForm.clean(self)
        search = self._search(cleaned)
        found = tuning.check(
            self.entry, self.preparation, self.texts, self.wished_ranges, search, self.machine
        )
        heir = tuning.heir_of(self.entry, self.preparation, found, search.objective)
        _, misfits = parents.chosen(self.wished_parents or {}, heir)
        names = {name: str(cleaned.get(name, "")) for name in ("name", "experiment")}
        for name, messages in (found.errors | misfits | training.too_long(**names)).items():
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
            parts = () if span.kind == "categorical" else ("low", "high", "scaling")
            yield RangeRow(
                span.name,
                self.entry.by_name[span.name].help,
                self[f"vary.{span.name}"],
                [self[f"{part}.{span.name}"] for part in parts],
                self[f"values.{span.name}"],
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
        rest = {"search": search, "machine": self.machine, "warm_start": self.wished_parents}
        return kept | asked | rest


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
        kept = {"values": ", ".join(one["values"])} if one["values"] else one
        values |= {f"vary.{one['name']}": True} | {
            f"{part}.{one['name']}": kept[part]
            for part in ("low", "high", "scaling", "values")
            if kept.get(part)
        }
    if row.warm_start:
        values["warm_kind"] = row.warm_start["kind"]
        values["warm_start"] = [one.uid for one in parents.of(row)]
    return values


def _summed_up(row: TuningJob) -> str:
    """A tuning job as one chooses it to learn from."""
    data = row.preparation.dataset.name if row.preparation else "data not known here"
    best = "no result" if row.best_value is None else f"{row.objective} {figure(row.best_value)}"
    return f"{row.name} · {data} · {best}"


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
