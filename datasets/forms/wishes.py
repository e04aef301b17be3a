"""From the form's fields to a recipe's JSON, and back."""

from typing import Any

from datasets.forms.choices import SCALED
from datasets.models import Preparation

NOTHING = ("", "none", None)


def recipe_of(given: dict[str, Any]) -> dict[str, Any]:
    """The recipe's JSON, without what is as usual."""
    scale = given["scale"] or SCALED.get(given["algorithm"], "")
    single = {"scale": scale, "sample": given["sample"], "format": given["format"]}
    parts = {
        f"columns_{given['columns_mode'] or 'out'}": _ticked(given),
        "split": _split(given),
        "rare": _rare(given),
        "missing": _usual_and(given, "missing"),
        "categories": _usual_and(given, "categories"),
        "text": _text(given),
    }
    said = {name: part for name, part in parts.items() if part}
    return said | {name: value for name, value in single.items() if value not in NOTHING}


def _ticked(given: dict[str, Any]) -> list[str]:
    return [name for name in given["columns"] or [] if name != given["target"]]


def _split(given: dict[str, Any]) -> dict[str, str]:
    by = given["split_by"]
    if by in ("", "random"):
        return {}
    return {"by": by} if by == "files" else {"by": by, "column": given["split_column"]}


def _rare(given: dict[str, Any]) -> dict[str, Any]:
    fewest = given["rare_fewest"]
    return {"fewest": fewest, "do": given["rare_do"] or "train"} if fewest else {}


def _usual_and(given: dict[str, Any], name: str) -> dict[str, str]:
    usual = {"*": given[f"{name}_all"]} if given[f"{name}_all"] else {}
    single: dict[str, str] = given[name]
    return usual | single


def _text(given: dict[str, Any]) -> dict[str, Any]:
    if not given["text_column"]:
        return {}
    top = {"top": given["text_top"]} if given["text_top"] else {}
    do = "blazingtext" if given["algorithm"] == "blazingtext" else "words"
    return {"column": given["text_column"], "do": do, "lower": given["text_lower"]} | top


def initial_of(preparation: Preparation) -> dict[str, Any]:
    """The form's values that make this preparation again; splits as percentages."""
    recipe = preparation.recipe
    split, rare, text = (recipe.get(name) or {} for name in ("split", "rare", "text"))
    files = {
        "validation_dataset": preparation.validation_dataset,
        "test_dataset": preparation.test_dataset,
    }
    shares = ("train", "validation", "test")
    return (
        {name: getattr(preparation, name) for name in ("target", "algorithm", "seed", "stratify")}
        | {name: round(100 * getattr(preparation, name), 6) for name in shares}
        | {name: other.uid if other else "" for name, other in files.items()}
        | {"scale": recipe.get("scale", "none"), "sample": recipe.get("sample", "none")}
        | {"format": recipe.get("format", "")}
        | _columns(recipe)
        | _rules("missing", recipe)
        | _rules("categories", recipe)
        | {"split_by": split.get("by", "random"), "split_column": split.get("column", "")}
        | {"rare_fewest": rare.get("fewest"), "rare_do": rare.get("do", "train")}
        | {"text_column": text.get("column", ""), "text_top": text.get("top")}
        | {"text_lower": text.get("lower", True)}
    )


def _columns(recipe: dict[str, Any]) -> dict[str, Any]:
    mode = "in" if recipe.get("columns_in") else "out"
    return {"columns_mode": mode, "columns": recipe.get(f"columns_{mode}", [])}


def _rules(name: str, recipe: dict[str, Any]) -> dict[str, Any]:
    rules = dict(recipe.get(name, {}))
    return {f"{name}_all": rules.pop("*", ""), name: list(rules.items())}
