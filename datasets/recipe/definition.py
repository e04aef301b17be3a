"""What a recipe says beyond target, shares and seed: JSON in, frozen values out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets.recipe.errors import BadRecipe

SPLITTING = ("random", "time", "group", "files")
RARE = ("train", "drop", "merge")
MISSING_RULES = ("leave", "drop", "median", "mode")
CATEGORIES = ("onehot", "ordinal")
SCALING = ("none", "standard", "minmax")
SAMPLING = ("none", "down", "up")
TEXTS = ("words", "blazingtext")
FORMATS = ("csv", "csv-unlabelled", "recordio", "recordio-sparse", "libsvm", "blazingtext")
DEFAULT = "*"  # the key of a rule for every column that has none of its own
MOST_WORDS = 10_000
MOST_FEWEST = 1_000_000
WORDS = 1_000


@dataclass(frozen=True)
class Split:
    """`column` orders (time) or binds (group) the rows."""

    by: str = "random"
    column: str = ""


@dataclass(frozen=True)
class Rare:
    """Classes with fewer than `fewest` rows stay in training, are dropped, or become “other”."""

    fewest: int
    do: str = "train"


@dataclass(frozen=True)
class Text:
    """A column of texts: counts of the `top` words of the training rows, or BlazingText lines."""

    column: str
    do: str = "words"
    lower: bool = True
    top: int = WORDS


@dataclass(frozen=True)
class Definition:
    """`format` "" is the algorithm's first; rules without `DEFAULT` leave that to the algorithm."""

    columns_out: tuple[str, ...] = ()
    columns_in: tuple[str, ...] = ()
    split: Split = Split()
    rare: Rare | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    scale: str = "none"
    sample: str = "none"
    text: Text | None = None
    format: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `parse` reads, without what is the default: {} is the plain recipe."""
        plain = Definition()
        found: dict[str, Any] = {
            name: list(getattr(self, name))
            for name in ("columns_out", "columns_in")
            if getattr(self, name)
        }
        for name in ("split", "rare", "text"):
            part = getattr(self, name)
            if part != getattr(plain, name):
                found[name] = dict(vars(part))
        for name in ("missing", "categories"):
            if rules := getattr(self, name):
                found[name] = dict(rules)
        for name in ("scale", "sample", "format"):
            if getattr(self, name) != getattr(plain, name):
                found[name] = getattr(self, name)
        return found


def parse(given: Mapping[str, Any]) -> Definition:
    """The definition in `given`; BadRecipe by field.

    The fields are the keys — columns_out, columns_in, split, rare, missing, categories, scale,
    sample, text, format — and split_column for split's column, text_column and text_top for text's,
    rare_fewest for rare's number; recipe for a key that does not exist.
    """
    errors: dict[str, list[str]] = {}
    parsed: dict[str, Any] = {}
    for key, value in given.items():
        reader = READERS.get(key)
        if reader is None:
            errors["recipe"] = [f"“{key}” is not known. Known: {', '.join(READERS)}."]
            continue
        try:
            if value is not None:
                parsed[key] = reader(value)
        except _Wrong as wrong:
            errors.setdefault(wrong.field or key, []).append(wrong.message)
    if parsed.get("columns_in") and parsed.get("columns_out"):
        errors.setdefault("columns_in", []).append("Name columns in or columns out, not both.")
    if errors:
        raise BadRecipe(errors)
    return Definition(**parsed)


class _Wrong(Exception):
    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or not all(isinstance(name, str) for name in value):
        raise _Wrong("A list of column names is needed.")
    return tuple(dict.fromkeys([value] if isinstance(value, str) else value))


def _mapping(value: Any, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong("An object is needed.")
    if unknown := [str(key) for key in value if key not in known]:
        raise _Wrong(f"“{unknown[0]}” is not known. Known: {', '.join(known)}.")
    return value


def _choice(value: Any, known: Sequence[str], field: str = "") -> str:
    if value not in known:
        raise _Wrong(f"“{value}” is not known. Known: {', '.join(known)}.", field)
    return str(value)


def _number(value: Any, low: int, high: int, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _Wrong(f"Must be a whole number from {low:,} to {high:,}.", field)
    return value


def _column(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong("Choose the column.", field)
    return value


def _split(value: Any) -> Split:
    given = _mapping(value, ("by", "column"))
    by = _choice(given.get("by") or "random", SPLITTING)
    needs = by in ("time", "group")
    return Split(by, _column(given.get("column"), "split_column") if needs else "")


def _rare(value: Any) -> Rare | None:
    given = _mapping(value, ("fewest", "do"))
    fewest = _number(given.get("fewest", 0), 0, MOST_FEWEST, "rare_fewest")
    do = _choice(given.get("do") or RARE[0], RARE)
    return Rare(fewest, do) if fewest > 1 else None


def _text(value: Any) -> Text | None:
    given = _mapping(value, ("column", "do", "lower", "top"))
    if not given.get("column") and not given.get("do"):
        return None
    column = _column(given.get("column"), "text_column")
    do = _choice(given.get("do") or TEXTS[0], TEXTS)
    lower = given.get("lower", True)
    if not isinstance(lower, bool):
        raise _Wrong("“lower” is true or false.")
    top = _number(given.get("top", WORDS), 1, MOST_WORDS, "text_top")
    return Text(column, do, lower, top)


def _rules(known: Sequence[str]) -> Callable[[Any], dict[str, str]]:
    def read(value: Any) -> dict[str, str]:
        given = {DEFAULT: value} if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            raise _Wrong("An object of column names and rules is needed.")
        return {str(name): _choice(rule, known) for name, rule in given.items()}

    return read


def _one_of(known: Sequence[str]) -> Callable[[Any], str]:
    return lambda value: _choice(value, known)


READERS: dict[str, Callable[[Any], Any]] = {
    "columns_out": _names,
    "columns_in": _names,
    "split": _split,
    "rare": _rare,
    "missing": _rules(MISSING_RULES),
    "categories": _rules(CATEGORIES),
    "scale": _one_of(SCALING),
    "sample": _one_of(SAMPLING),
    "text": _text,
    "format": _one_of(("", *FORMATS)),
}
