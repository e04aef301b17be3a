"""What a preparation is asked to do, checked against its datasets: for page, API and worker."""

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from core.errors import Conflict, InvalidFields
from datasets import recipe as recipes
from datasets.foretell import Foretold, foretell, head_of
from datasets.formats.sniff import BadTable
from datasets.models import Dataset, Preparation
from datasets.recipe import Recipe

MAX_SEED = 2**31 - 1


class Wish(TypedDict, total=False):
    """The splits are fractions that sum to 1 or percentages that sum to 100.

    `recipe` is what `datasets.recipe.parse` reads, which also says what its fields are called.
    """

    target: str
    algorithm: str
    train: float
    validation: float
    test: float
    seed: int
    stratify: bool
    recipe: Mapping[str, Any] | None
    validation_dataset: Dataset | None
    test_dataset: Dataset | None


USUAL: Wish = {
    "target": "",
    "algorithm": "xgboost",
    "train": 0.7,
    "validation": 0.2,
    "test": 0.1,
    "seed": 0,
    "stratify": True,
    "recipe": None,
    "validation_dataset": None,
    "test_dataset": None,
}


def whole(wish: Wish) -> Wish:
    """With `USUAL` for what is not said."""
    return {**USUAL, **wish}


def check(dataset: Dataset, **given: Unpack[Wish]) -> Recipe:
    """What a preparation would do; InvalidFields at the fields, Conflict unless Ready."""
    if dataset.status != Dataset.Status.READY:
        raise Conflict(
            f"The dataset is {dataset.status}; only a Ready one can be prepared.",
            dataset.failure_reason or "Wait until it has been looked at.",
        )
    wish = whole(given)
    errors = _bad_seed(wish["seed"])
    both = {"validation": wish["validation_dataset"], "test": wish["test_dataset"]}
    files = {name: file for name, file in both.items() if file is not None}
    errors |= _bad_files(dataset, files)
    try:
        found = recipes.check(
            dataset.columns,
            dataset.rows or 0,
            target=wish["target"],
            algorithm=wish["algorithm"],
            fractions=(wish["train"], wish["validation"], wish["test"]),
            stratify=wish["stratify"],
            recipe=wish["recipe"],
            files={name: (file.columns, file.rows or 0) for name, file in files.items()},
        )
    except recipes.BadRecipe as problem:
        raise InvalidFields(problem.errors | errors) from problem
    if errors:
        raise InvalidFields(errors)
    return found


def preview(dataset: Dataset, **wish: Unpack[Wish]) -> Foretold:
    """What `check` would let through, as it will be written; raises as `check` does."""
    texts = dataset.insights.get("texts") or {}
    return foretell(
        check(dataset, **wish),
        dataset.columns,
        head=head_of(dataset.preview),
        stratify=whole(wish)["stratify"],
        words={
            name: [word["word"] for word in facts.get("words", ())] for name, facts in texts.items()
        },
    )


def recipe_of(preparation: Preparation) -> Recipe:
    """The recipe that the row asked for, checked once more; BadTable when it fits no longer."""
    try:
        return check(
            preparation.dataset,
            target=preparation.target,
            algorithm=preparation.algorithm,
            train=preparation.train,
            validation=preparation.validation,
            test=preparation.test,
            seed=preparation.seed,
            stratify=preparation.stratify,
            recipe=preparation.recipe,
            validation_dataset=preparation.validation_dataset,
            test_dataset=preparation.test_dataset,
        )
    except InvalidFields as problem:
        raise BadTable(problem.message) from problem


def _bad_seed(seed: int) -> dict[str, list[str]]:
    return {} if 0 <= seed <= MAX_SEED else {"seed": [f"Must be from 0 to {MAX_SEED:,}."]}


def _bad_files(dataset: Dataset, files: Mapping[str, Dataset]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, file in files.items():
        if file.workspace_id != dataset.workspace_id:
            errors[f"{name}_dataset"] = ["It belongs to another workspace."]
        elif file.status != Dataset.Status.READY:
            errors[f"{name}_dataset"] = [f"“{file.name}” is {file.status}; it must be Ready."]
        elif file.pk == dataset.pk:
            errors[f"{name}_dataset"] = ["It is the dataset itself: its rows train."]
    return errors
