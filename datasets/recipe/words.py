"""A recipe in sentences, for people who have to trust what was learned from it."""

from collections.abc import Mapping, Sequence

from datasets.recipe.algorithms import ALGORITHMS
from datasets.recipe.definition import DEFAULT, Definition, Split

TASKS = {
    "binary": "binary: two classes",
    "multiclass": "multiclass: several classes",
    "regression": "regression: a quantity",
    "clustering": "clustering",
}
FORMATS = {
    "csv": "CSV with the label first",
    "csv-unlabelled": "CSV without a label",
    "recordio": "RecordIO-protobuf",
    "recordio-sparse": "sparse RecordIO-protobuf",
    "libsvm": "libsvm",
    "blazingtext": "BlazingText lines",
}
FILLS = {
    "leave": "stay empty",
    "drop": "cost their row",
    "median": "become the median",
    "mode": "become the most frequent value",
}
WORDS = {"onehot": "become a 0/1 column each", "ordinal": "become one number each"}
SCALES = {
    "standard": "Numbers are standardised to mean 0 and deviation 1.",
    "minmax": "Numbers are squeezed to 0 … 1.",
}
SAMPLES = {
    "down": "Large classes lose training rows until all are as small as the smallest.",
    "up": "Rows of small classes are repeated in training until all are as large as the largest.",
}
RARE = {
    "train": "are used in training only",
    "drop": "are left out",
    "merge": "become the class “other”",
}
NAMED = 6  # columns named in a sentence


def sentences(  # noqa: PLR0913  # a recipe's parts, all by name
    wish: Definition,
    *,
    algorithm: str,
    target: str,
    task: str,
    shares: Sequence[float],
    seed: int,
    stratify: bool,
    files: Mapping[str, str] | None = None,
) -> list[str]:
    """What is done, in the order of doing it; `files` names the datasets of splits of their own."""
    title = ALGORITHMS[algorithm].title if algorithm in ALGORITHMS else algorithm
    form = FORMATS[wish.format or ALGORITHMS[algorithm].formats[0]]
    goal = f"Learn to predict {target}" if task != "clustering" else "Find structure"
    found = [
        f"{goal} ({TASKS.get(task, task)}) with {title}, written as {form}.",
        _columns(wish),
        _split(wish.split, shares, files or {}, _way(wish.split, seed, stratify=stratify)),
        _rules("Missing values", FILLS, wish.missing),
        _rules("Words", WORDS, wish.categories),
        SCALES.get(wish.scale, ""),
        SAMPLES.get(wish.sample, ""),
        f"Classes with fewer than {wish.rare.fewest:,} rows {RARE[wish.rare.do]}."
        if wish.rare
        else "",
        _text(wish),
    ]
    return [sentence for sentence in found if sentence]


def _columns(wish: Definition) -> str:
    if wish.columns_in:
        return f"Only these columns are used: {_listed(wish.columns_in)}."
    if wish.columns_out:
        return f"Left out on request: {_listed(wish.columns_out)}."
    return ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _split(split: Split, shares: Sequence[float], files: Mapping[str, str], way: str) -> str:
    given = {"validate": files.get("validation"), "test": files.get("test")}
    named = zip(("train", "validate", "test"), shares, strict=True)
    parts = [
        f"the rows of {given[name]} {name}" if given.get(name) else f"{100 * share:.4g} % {name}"
        for name, share in named
        if share or given.get(name)
    ]
    return f"{', '.join(parts)}: {way}."


def _way(split: Split, seed: int, *, stratify: bool) -> str:
    if split.by == "time":
        return f"in the order of {split.column}, the oldest rows train"
    if split.by == "group":
        return f"all rows of one {split.column} together, with seed {seed}"
    return f"at random with seed {seed}{', each class with its share' if stratify else ''}"


def _rules(what: str, said: Mapping[str, str], rules: Mapping[str, str]) -> str:
    usual = f"{what} {said[rules[DEFAULT]]}" if DEFAULT in rules else ""
    single = [f"{name}: {said[rule]}" for name, rule in rules.items() if name != DEFAULT]
    if not usual and single:
        usual = f"{what} as usual for the algorithm"
    return f"{'; '.join([usual, *single])}." if usual else ""


def _text(wish: Definition) -> str:
    if wish.text is None:
        return ""
    lower = "lower-cased and " if wish.text.lower else ""
    if wish.text.do == "blazingtext":
        return f"The text of {wish.text.column} is {lower}cut into words."
    return (
        f"The text of {wish.text.column} is {lower}cut into words; the {wish.text.top:,} most "
        "frequent of the training rows become a column each."
    )
