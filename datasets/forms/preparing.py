"""The recipe's form."""

from typing import Any

from django import forms

from core.errors import InvalidFields
from datasets import prepare
from datasets.models import Dataset
from datasets.recipe import ALGORITHMS, Recipe

TITLES = {"xgboost": "XGBoost"}


class PrepareForm(forms.Form):
    """Validated by `prepare.check`, as the API is; splits are percentages."""

    target = forms.CharField(
        label="Column to predict", widget=forms.Select, help_text="The target, also called label."
    )
    algorithm = forms.ChoiceField(
        choices=[(name, TITLES.get(name, name)) for name in ALGORITHMS],
        help_text="It decides the format of the channels.",
    )
    train = forms.FloatField(label="Training %", initial=70)
    validation = forms.FloatField(label="Validation %", initial=20)
    test = forms.FloatField(label="Test %", initial=10)
    seed = forms.IntegerField(
        initial=0, help_text="The same seed divides the same rows in the same way."
    )
    stratify = forms.BooleanField(
        required=False,
        initial=True,
        label="Stratify",
        help_text="Give every class its share of each split.",
    )
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset = dataset
        self.recipe: Recipe | None = None
        names = [column["name"] for column in dataset.columns]
        select = self.fields["target"].widget
        assert isinstance(select, forms.Select)  # noqa: S101  # declared above
        select.choices = [(name, name) for name in names]
        for field in ("train", "validation", "test"):
            self.fields[field].widget.attrs |= {"min": 0, "max": 100, "step": "any"}

    @property
    def wish(self) -> dict[str, Any]:
        return {k: v for k, v in self.cleaned_data.items() if k != "idempotency_key"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.recipe = prepare.check(self.dataset, **self.wish)
            except InvalidFields as problem:
                for field, texts in problem.errors.items():
                    self.add_error(field, texts)
        return cleaned
