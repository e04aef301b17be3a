"""What is done with single columns: lines of a column and a choice."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

Pairs = list[tuple[str, str]]


class PairsWidget(forms.Widget):
    """Reads `<name>_column` and `<name>_do`, which repeat; a line without a column is no line."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Pairs:
        if name in data:
            return list(data[name])
        if not isinstance(data, MultiValueDict):
            return []
        columns, choices = data.getlist(f"{name}_column"), data.getlist(f"{name}_do")
        lines = zip(columns, choices, strict=False)
        return [(column, do) for column, do in lines if column.strip()]


class PairsField(forms.Field):
    """Becomes {column: choice}; a column twice is refused."""

    widget = PairsWidget

    def __init__(self, *, choices: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.choices = choices

    def clean(self, value: Pairs) -> dict[str, str]:
        found: dict[str, str] = {}
        for column, do in value:
            if do not in self.choices:
                raise ValidationError(f"Choose what to do with “{column}”.")
            if column in found:
                raise ValidationError(f"“{column}” stands here twice.")
            found[column] = do
        return found
