"""What a deploy asks; the step's own validator decides."""

from collections.abc import Mapping
from typing import Any

from django import forms

from endpoints import cost, sizing
from jobs.prices import Book


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

    def __init__(self, *args: Any, book: Book, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.book = book
        self.fields["instance_type"] = forms.ChoiceField(
            choices=[(name, _priced(name, book)) for name in sizing.OFFERED],
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
        return cost.hourly(chosen, int(count), self.book) if in_range else None


def _priced(instance_type: str, book: Book) -> str:
    usd = cost.hourly(instance_type, 1, book)
    if usd is None:
        return f"{instance_type} · price not known"
    return f"{instance_type} · ${usd:.3f} an hour · ${cost.monthly(usd):,.0f} a month"
