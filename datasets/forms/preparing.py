"""The recipe's form: what `prepare.check` is asked, in the words of a page."""

from collections.abc import Iterable
from typing import Any

from django import forms

from core.errors import InvalidFields
from datasets import prepare
from datasets.forms import choices
from datasets.forms.pairs import Pairs, PairsField
from datasets.forms.wishes import recipe_of
from datasets.models import Dataset
from datasets.recipe import Recipe
from datasets.recipe.words import sentences

USUAL = "Usual for the algorithm"
# The form's field for an error of the recipe; others keep the name that they have.
PLACES = {
    "columns_in": "columns",
    "columns_out": "columns",
    "split": "split_by",
    "rare": "rare_do",
    "text": "text_column",
}

GROUPS = {
    "values": ("missing_all", "missing", "categories_all", "categories", "scale"),
    "classes": ("sample", "rare_fewest"),
    "text": ("text_column", "text_top"),
    "format": ("format",),
}


class PrepareForm(forms.Form):
    """Validated by `prepare.check`, as the API is; splits are percentages."""

    algorithm = forms.ChoiceField(
        choices=choices.titles,
        widget=forms.RadioSelect,
    )
    target = forms.CharField(
        label="Column to predict",
        widget=forms.Select,
        required=False,
        help_text="The target, also called label.",
    )
    columns_mode = forms.ChoiceField(
        choices=[("out", "Leave the ticked columns out"), ("in", "Use only the ticked columns")],
        required=False,
        label="The ticks mean",
        widget=forms.Select(attrs={"class": "input"}),
    )
    columns = forms.Field(required=False, widget=forms.SelectMultiple)
    split_by = forms.ChoiceField(
        choices=choices.offered(choices.SPLITS), required=False, label="How rows are divided"
    )
    split_column = forms.CharField(
        required=False,
        widget=forms.Select,
        label="Column of the time or the group",
        help_text="A date or a number for time; a patient, a customer, a shop for groups.",
    )
    validation_dataset = forms.CharField(
        required=False, widget=forms.Select, label="Validation rows come from"
    )
    test_dataset = forms.CharField(required=False, widget=forms.Select, label="Test rows come from")
    train = forms.FloatField(label="Training %", initial=70)
    validation = forms.FloatField(label="Validation %", initial=20)
    test = forms.FloatField(label="Test %", initial=10)
    stratify = forms.BooleanField(
        required=False,
        initial=True,
        label="Stratify",
        help_text="Give every class its share of each split.",
    )
    seed = forms.IntegerField(
        initial=0, help_text="The same seed divides the same rows in the same way."
    )
    missing_all = forms.ChoiceField(
        choices=choices.offered(choices.MISSING, USUAL), required=False, label="Missing values"
    )
    missing = PairsField(choices=choices.MISSING, label="Missing values of single columns")
    categories_all = forms.ChoiceField(
        choices=choices.offered(choices.CATEGORIES, USUAL), required=False, label="Words"
    )
    categories = PairsField(choices=choices.CATEGORIES, label="Words of single columns")
    scale = forms.ChoiceField(
        choices=choices.offered(choices.SCALES, USUAL),
        required=False,
        label="Scaling",
        help_text="Distances and weights need columns of a like size; trees do not.",
    )
    sample = forms.ChoiceField(
        choices=choices.offered(choices.SAMPLING),
        required=False,
        label="Balance the classes",
        help_text="Only in training: validation and test stay as life is.",
    )
    rare_fewest = forms.IntegerField(
        required=False,
        min_value=2,
        label="Rare classes have fewer rows than",
        help_text="Classes too small to be divided. Empty: no such rule.",
    )
    rare_do = forms.ChoiceField(
        choices=choices.offered(choices.RARE), required=False, label="Rows of rare classes"
    )
    text_column = forms.CharField(required=False, widget=forms.Select, label="Column of text")
    text_lower = forms.BooleanField(
        required=False, initial=True, label="Lower-case", help_text="Apple and apple are one word."
    )
    text_top = forms.IntegerField(
        required=False,
        min_value=1,
        label="Words counted",
        help_text="So many of the most frequent words in the training rows.",
    )
    format = forms.ChoiceField(
        choices=choices.offered(choices.FORMATS, USUAL),
        required=False,
        label="Format of the channels",
        help_text="How the rows are written for the algorithm.",
    )
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, dataset: Dataset, files: Iterable[Dataset] = (), **kwargs: Any
    ) -> None:
        """`files` are the datasets that may hold the validation and the test rows."""
        super().__init__(*args, **kwargs)
        self.dataset = dataset
        self.others = {str(other.uid): other for other in files}
        self.found: Recipe | None = None
        names = [column["name"] for column in dataset.columns]
        self._offer("target", names, "None")
        self._offer("split_column", names, "–")
        self._offer("text_column", _texts(dataset), "None")
        for split in ("validation", "test"):
            chosen = [(uid, _called(other)) for uid, other in self.others.items()]
            self._select(f"{split}_dataset", [("", "this dataset"), *chosen])
        for split in ("train", "validation", "test"):
            self.fields[split].widget.attrs |= {"min": 0, "max": 100, "step": "any"}
        for name, field in self.fields.items():  # a live check fills the place of the error later
            helped = [f"id_{name}_helptext"] if field.help_text else []
            field.widget.attrs["aria-describedby"] = " ".join([*helped, f"id_{name}_error"])

    def _offer(self, field: str, names: list[str], nothing: str) -> None:
        self._select(field, [("", nothing), *((name, name) for name in names)])

    def _select(self, field: str, offered: list[tuple[str, str]]) -> None:
        select = self.fields[field].widget
        assert isinstance(select, forms.Select)  # noqa: S101  # declared above
        select.choices = offered

    @property
    def wish(self) -> dict[str, Any]:
        """The arguments of `prepare.check` and `prepare.request`."""
        given = self.cleaned_data
        plain = ("target", "algorithm", "train", "validation", "test", "seed", "stratify")
        by_file = given["split_by"] == "files"
        files = {
            name: self.others.get(given[name]) if by_file else None
            for name in ("validation_dataset", "test_dataset")
        }
        return {name: given[name] for name in plain} | files | {"recipe": recipe_of(given)}

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields that have a place for an error."""
        return [field for field in self.visible_fields() if field.name != "columns_mode"]

    @property
    def told(self) -> list[str]:
        """The recipe of a valid form in words."""
        found, given = self.found, self.cleaned_data
        if found is None:
            return []
        return sentences(
            found.definition,
            algorithm=found.algorithm,
            target=found.target,
            task=found.task,
            shares=found.fractions,
            seed=given["seed"],
            stratify=given["stratify"] and found.has_classes,
            files={name: _called(self.others[given[f"{name}_dataset"]]) for name in found.files},
        )

    @property
    def missing_lines(self) -> Pairs:
        return [*self["missing"].value(), ("", "median")]

    @property
    def categories_lines(self) -> Pairs:
        return [*self["categories"].value(), ("", "onehot")]

    @property
    def open(self) -> dict[str, bool]:
        """The groups of rarer choices that hold something, or an error."""
        return {
            group: any(name in self.errors or self._says(name) for name in names)
            for group, names in GROUPS.items()
        }

    def _says(self, name: str) -> bool:
        return self[name].value() not in (None, "", [], "none")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.found = prepare.check(self.dataset, **self.wish)
            except InvalidFields as problem:
                self.refuse(problem)
        return cleaned

    def refuse(self, problem: InvalidFields) -> None:
        """Each message at the field that it is about."""
        for name, texts in problem.errors.items():
            place = PLACES.get(name, name)
            self.add_error(place if place in self.fields else None, texts)


def _texts(dataset: Dataset) -> list[str]:
    """Columns of words, those with many different values first."""
    words = [column for column in dataset.columns if column["dtype"] == "text"]
    words.sort(key=lambda column: -column["unique"])
    return [column["name"] for column in words]


def _called(dataset: Dataset) -> str:
    version = f", version {dataset.version}" if dataset.version > 1 else ""
    return f"{dataset.name}{version}"
