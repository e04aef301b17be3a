"""The shape of the pictures that a dataset's pixel columns make."""

from typing import Self

from django import forms

from core.errors import InvalidFields
from datasets.images import CHANNELS, LARGEST, Shape


class ShapeForm(forms.Form):
    """Validated by `pictures.reshape`, as the API is."""

    height = forms.IntegerField(min_value=1, max_value=LARGEST)
    width = forms.IntegerField(min_value=1, max_value=LARGEST)
    channels = forms.TypedChoiceField(
        coerce=int, choices=[(n, f"{n}: {what}") for n, what in CHANNELS.items()], initial=1
    )
    planar = forms.BooleanField(
        required=False,
        label="Channel after channel",
        help_text="All of one colour, then all of the next, as in CIFAR-10.",
    )

    @classmethod
    def of(cls, shape: Shape | None) -> Self:
        """The form as it is shown first, filled with `shape`."""
        return cls(initial=vars(shape) if shape else None)

    @property
    def shape(self) -> Shape:
        return Shape(**self.cleaned_data)

    def take(self, problem: InvalidFields) -> None:
        """Show a refusal at its fields."""
        for name, texts in problem.errors.items():
            self.add_error(name, texts)
