"""Forms of the endpoint pages; the steps' own validators decide."""

from collections.abc import Mapping
from typing import Any

from django import forms

from aws import pricing
from endpoints import cost, sizing
from endpoints.inputs import Columns

FORM_COLUMNS = 60  # a form with more fields helps nobody: the CSV box is for those


class DeployForm(forms.Form):
    name = forms.CharField(
        max_length=sizing.NAME_LIMIT,
        required=False,
        help_text="How you will find it again; the job's name when left empty.",
    )
    instance_type = forms.ChoiceField(initial=sizing.DEFAULT)
    instance_count = forms.IntegerField(
        min_value=1, max_value=sizing.MAX_INSTANCES, initial=1, label="Instances"
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instance_type"] = forms.ChoiceField(
            choices=[(name, _priced(name)) for name in sizing.OFFERED],
            initial=sizing.DEFAULT,
            label="Instance type",
        )

    @property
    def price(self) -> float | None:
        """US dollars an hour of what is chosen now, valid or not yet."""
        source: Mapping[str, Any] = self.data if self.is_bound else self.initial
        count = str(source.get("instance_count") or 1)
        chosen = str(source.get("instance_type") or sizing.DEFAULT)
        in_range = count.isdigit() and 1 <= int(count) <= sizing.MAX_INSTANCES
        return cost.hourly(chosen, int(count)) if in_range else None


class DeleteForm(forms.Form):
    typed = forms.CharField(label="Type its name to confirm")

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["typed"].widget.attrs["autocomplete"] = "off"

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip()
        if typed != self.name:
            raise forms.ValidationError(f"This is not its name. Type {self.name}")
        return typed


class AskForm(forms.Form):
    """One field a column of the dataset: `c0`, `c1`, … in the columns' order."""

    def __init__(self, *args: Any, columns: Columns, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = columns.encoding["features"] if columns.encoding else ()
        self.sources = {f"c{number}": feature for number, feature in enumerate(kinds)}
        for key, feature in self.sources.items():
            self.fields[key] = _field(feature)

    def row(self) -> dict[str, str]:
        """What was typed, by column; nothing typed counts as missing."""
        return {
            feature["name"]: str(self.data.get(key, "")) for key, feature in self.sources.items()
        }

    @classmethod
    def filled(cls, columns: Columns, cells: Mapping[str, str]) -> "AskForm":
        form = cls(columns=columns)
        form.initial = {key: cells.get(f["name"], "") for key, f in form.sources.items()}
        return form


def _field(feature: Mapping[str, Any]) -> forms.Field:
    name, kind = feature["name"], feature["kind"]
    if kind in ("onehot", "ordinal", "boolean"):
        values = ["true", "false"] if kind == "boolean" else feature["categories"]
        choices = [("", "–"), *((value, value) for value in values)]
        return forms.ChoiceField(label=name, choices=choices, required=False)
    widget: forms.Widget = forms.Textarea(attrs={"rows": 3})
    if kind == "number":
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=name, required=False, widget=widget)


def _priced(instance_type: str) -> str:
    price = pricing.hourly(instance_type, purpose="hosting")
    if price is None:
        return f"{instance_type} · price not known"
    usd = price.usd_per_hour
    return f"{instance_type} · ${usd:.3f} an hour · ${cost.monthly(usd):,.0f} a month"
