"""A recipe that fits its table, as `check` makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from datasets import split
from datasets.recipe.algorithms import ALGORITHMS
from datasets.recipe.definition import Definition
from datasets.tables.encoding import Feature


@dataclass(frozen=True)
class Recipe:
    """A wish that fits its table; categories, fills, scales and words are still to be fitted."""

    fractions: split.Fractions
    task: str  # binary, multiclass, regression or clustering
    rows: int  # of the main file
    features: tuple[Feature, ...]
    left_out: tuple[dict[str, str], ...]
    target: str = ""
    dtype: str = ""  # of the target
    split_dtype: str = ""  # of the column that divides the rows
    undivided: int = 0  # rows without a value there
    algorithm: str = "xgboost"
    format: str = "csv"
    definition: Definition = field(default_factory=Definition)
    rules: Mapping[str, str] = field(default_factory=dict)  # what becomes of missing values
    files: Mapping[str, int] = field(default_factory=dict)  # rows of splits with their own files
    has_classes: bool = True  # the target's values are labels (of clustering: for comparing only)

    @property
    def shares(self) -> split.Fractions:
        """How the main file is divided: what has a file of its own gets none of it."""
        left = [0.0 if name in self.files else s for name, s in self.fractions._asdict().items()]
        return split.Fractions(*(share / sum(left) for share in left))

    @property
    def needed(self) -> dict[str, str]:
        """The columns that every file must have: name and kind (the target's is "target")."""
        found = {feature["name"]: str(feature["kind"]) for feature in self.features}
        return found | ({self.target: "target"} if self.target else {})

    @property
    def notes(self) -> list[str]:
        """What a person should know of this recipe before it runs, in sentences."""
        return _notes(self)


def _notes(recipe: Recipe) -> list[str]:
    wish, title = recipe.definition, ALGORITHMS[recipe.algorithm].title
    by = wish.split.by
    filled = sorted({rule for rule in recipe.rules.values() if rule in ("median", "mode")})
    holds = {
        "Rows are divided by time: the earliest train, the latest test. Rows of the same time keep "
        "the file's order; rows without a time are left out.": by == "time",
        "No group has rows in two splits, so their sizes are as near to the shares as whole groups "
        "allow; rows without a group are left out.": by == "group",
        "Classes are not given their share of each split: that needs a random division.": (
            by in ("time", "group") and recipe.has_classes
        ),
        "Rows of the given files whose class training does not know are left out.": (
            bool(recipe.files) and recipe.has_classes
        ),
        f"{title} reads no missing values in this format: they become the {' or '.join(filled)} of "
        "the training rows.": bool(filled) and not wish.missing,
        "Rows with a missing value are left out of every split.": "drop" in recipe.rules.values(),
        "The training rows are sampled after the division; validation and test stay as they are.": (
            wish.sample != "none"
        ),
        "The target is kept out of the features; it is for comparing clusters with classes.": (
            recipe.task == "clustering" and bool(recipe.target)
        ),
    }
    return [text for text, applies in holds.items() if applies]
