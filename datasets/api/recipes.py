"""The recipe as the API takes it: what goes beyond target, shares and seed."""

from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from core.errors import InvalidFields

Missing = Literal["leave", "drop", "median", "mode"]
Categories = Literal["onehot", "ordinal"]
# Where the fields that the checks name stand in a request.
PLACES = {
    "split_column": "recipe.split.column",
    "rare_fewest": "recipe.rare.fewest",
    "text_column": "recipe.text.column",
    "text_top": "recipe.text.top",
}


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class SplitRule(Strict):
    """`files` takes validation_dataset and test_dataset; time and group need a column."""

    by: Literal["random", "time", "group", "files"] = "random"
    column: str = ""


class RareRule(Strict):
    """Classes with fewer rows only train, are dropped, or are merged into the class “other”."""

    fewest: int
    do: Literal["train", "drop", "merge"] = "train"


class TextRule(Strict):
    """`words` counts the `top` words of the training rows; `blazingtext` writes lines of words."""

    column: str
    do: Literal["words", "blazingtext"] = "words"
    lower: bool = True
    top: int = 1_000


class RecipeWish(Strict):
    """Everything is optional; {} uses every usable column as the algorithm likes it best.

    Keys of `missing` and `categories` are columns, or `*` for all others. What is fitted (medians,
    means, categories, vocabularies) is fitted on the training rows alone; `sample` changes these
    alone. `format` defaults to the algorithm's first.
    """

    columns_out: list[str] | None = Field(
        default=None, description="Use every usable column but these."
    )
    columns_in: list[str] | None = Field(default=None, description="Use these columns only.")
    split: SplitRule | None = None
    rare: RareRule | None = None
    missing: dict[str, Missing] | None = None
    categories: dict[str, Categories] | None = None
    scale: Literal["none", "standard", "minmax"] | None = None
    sample: Literal["none", "down", "up"] | None = None
    text: TextRule | None = None
    format: (
        Literal["csv", "csv-unlabelled", "recordio", "recordio-sparse", "libsvm", "blazingtext"]
        | None
    ) = None


KEYS = frozenset(RecipeWish.model_fields)


def as_json(wish: RecipeWish) -> dict[str, Any]:
    return wish.model_dump(exclude_none=True)


def placed(problem: InvalidFields) -> InvalidFields:
    """The same errors under the names that the request has for their fields."""
    return InvalidFields({_place(field): texts for field, texts in problem.errors.items()})


def _place(field: str) -> str:
    return f"recipe.{field}" if field in KEYS else PLACES.get(field, field)
