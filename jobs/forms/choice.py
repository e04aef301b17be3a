"""A list to choose from that takes what is typed, too."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs.machine import seconds

OTHER = "other"  # the choice that says: what is typed beside it


class SelectOrType(forms.Select):
    """A select named `name` and, for its last choice, a text named `name.other`; one value.

    Style sheets hide the text while something of the list is chosen; no script is needed.
    """

    def __init__(self, *, other: str, example: str, choices: Any = ()) -> None:
        super().__init__(choices=choices)
        self.other, self.example = other, example

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> Any:
        chosen = data.get(name)
        return data.get(f"{name}.{OTHER}", "") if chosen == OTHER else chosen

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        own = dict(attrs or {})
        is_typed = value not in (None, "") and str(value) not in self._offered()
        chosen = super().render(name, OTHER if is_typed else value, own, renderer)
        beside = {key: own[key] for key in own if key.startswith("aria-")} | {
            "id": f"{own.get('id', name)}_{OTHER}",
            "aria-label": self.other,
            "placeholder": self.example,
            "spellcheck": "false",
        }
        text = forms.TextInput().render(
            f"{name}.{OTHER}", value if is_typed else "", beside, renderer
        )
        return format_html('<span class="select-or-type">{}{}</span>', chosen, text)

    def optgroups(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Any:
        groups = super().optgroups(name, value, attrs)
        last = self.create_option(name, OTHER, f"{self.other}…", OTHER in value, len(groups))
        return [*groups, (None, [last], len(groups))]

    def _offered(self) -> set[str]:
        found: set[str] = set()
        for value, label in self.choices:
            nested = label if isinstance(label, list | tuple) else [(value, label)]
            found |= {str(one) for one, _ in nested}
        return found


class TimeField(forms.CharField):
    """Seconds, of a list or as people write them; None for nothing."""

    def __init__(self, *, choices: Any, **more: Any) -> None:
        widget = SelectOrType(other="Another time", example="90 min", choices=choices)
        super().__init__(widget=widget, **more)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if (found := seconds(text)) is None:
            raise forms.ValidationError("Write a time such as 90 min, 2 h or 3 days.")
        return found
