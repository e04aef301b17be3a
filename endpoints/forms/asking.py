"""A field for each column of a dataset."""

from collections.abc import Mapping
from typing import Any

from django import forms

from endpoints.inputs import Columns

FORM_COLUMNS = 60  # a form with more fields helps nobody: the CSV box is for those


class AskForm(forms.Form):
    """One field a column of the dataset: `c0`, `c1`, … in the columns' order."""

    def __init__(self, *args: Any, columns: Columns, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = columns.encoding["features"] if columns.encoding else ()
        self.sources = {f"c{number}": feature for number, feature in enumerate(kinds)}
        for key, feature in self.sources.items():
            self.fields[key] = _field(feature)

    @property
    def is_filled(self) -> bool:
        """Whether it was this form that was sent, among those of the page."""
        return "c0" in self.data

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
