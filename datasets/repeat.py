"""The same recipe once more, on other data: next month's file, a corrected version."""

from typing import Any

from core.access import Actor
from core.errors import InvalidFields
from datasets import prepare
from datasets.models import Dataset, Preparation
from datasets.recipe import Recipe

NAMED = 8  # columns named in a message


def wish_of(preparation: Preparation) -> dict[str, Any]:
    """The arguments of `prepare.check` and `prepare.request` that make this preparation again."""
    names = ("target", "algorithm", "train", "validation", "test", "seed", "stratify", "recipe")
    files = ("validation_dataset", "test_dataset")
    return {name: getattr(preparation, name) for name in names + files}


def check(preparation: Preparation, dataset: Dataset) -> tuple[Recipe, dict[str, Any]]:
    """What the recipe would do with `dataset`, and the wish for it.

    Columns that the recipe's own dataset does not have are left out, so that the features stay the
    same. InvalidFields names the columns that are missing; Conflict unless the dataset is Ready.
    """
    wish = wish_of(preparation)
    needed = prepare.check(preparation.dataset, **wish).needed
    have = [column["name"] for column in dataset.columns]
    if dataset.columns and (missing := [name for name in needed if name not in have]):
        raise InvalidFields({"dataset": [_lacking(dataset, missing)]})
    known = {column["name"] for column in preparation.dataset.columns}
    new = [name for name in have if name not in known]
    if new and not wish["recipe"].get("columns_in"):
        out = [*wish["recipe"].get("columns_out", []), *new]
        wish["recipe"] = wish["recipe"] | {"columns_out": out}
    wish["recipe"] = _without(wish["recipe"], known - set(have))
    return prepare.check(dataset, **wish), wish


def _lacking(dataset: Dataset, missing: list[str]) -> str:
    named = ", ".join(f"“{name}”" for name in missing[:NAMED])
    more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
    return f"“{dataset.name}” lacks {named}{more}, which the recipe needs."


def _without(recipe: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    """The recipe without the mention of columns that it leaves out and that are gone."""
    out = [name for name in recipe.get("columns_out", []) if name not in gone]
    if "columns_out" not in recipe:
        return recipe
    rest = {key: value for key, value in recipe.items() if key != "columns_out"}
    return rest | ({"columns_out": out} if out else {})


def request(who: Actor | None, preparation: Preparation, dataset: Dataset) -> Preparation:
    """A row Requested that repeats `preparation` on `dataset`. Raises as `check` does."""
    _, wish = check(preparation, dataset)
    return prepare.request(who, dataset, **wish, repeats=preparation.uid)
