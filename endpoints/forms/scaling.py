"""Between how many instances a variant scales, and by what."""

from typing import Any

from django import forms

from core.errors import InvalidFields, UserError
from endpoints import sizing
from endpoints.sizing import Bounds, field_of

SCALE = ("scale_min", "scale_max", "scale_target")
ALL_OR_NONE = "Give all three, or none."


def scale_fields() -> dict[str, forms.Field]:
    """None is needed: without them a variant keeps its count."""
    return {
        "scale_min": _count("At least"),
        "scale_max": _count("At most"),
        "scale_target": forms.FloatField(
            required=False,
            label="Calls a minute",
            help_text="Of each instance, that AWS aims at: with more it adds instances.",
        ),
    }


def _count(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1, max_value=sizing.MAX_INSTANCES, required=False, label=label
    )


def bounds_of(form: forms.Form, index: int = 0) -> Bounds | None:
    """What a form asks of a variant, None when nothing; adds an error where it is incomplete."""
    told: dict[str, Any] = {name: form.cleaned_data.get(field_of(index, name)) for name in SCALE}
    if all(value is None for value in told.values()):
        return None
    for name, value in told.items():
        if value is None and field_of(index, name) not in form.errors:
            form.add_error(field_of(index, name), ALL_OR_NONE)
    if form.errors:
        return None
    return Bounds(told["scale_min"], told["scale_max"], told["scale_target"])


class ScalingForm(forms.Form):
    """Of one variant; all three are needed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, one in scale_fields().items():
            one.required = True
            self.fields[name] = one

    @property
    def bounds(self) -> Bounds:
        """Of a valid form."""
        told = [self.cleaned_data[name] for name in SCALE]
        return Bounds(*told)

    def show(self, error: UserError) -> None:
        """What the step refused, at its fields."""
        found = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
        for name, texts in found.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)
