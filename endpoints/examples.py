"""Real rows to ask a model about: of a split that training has not seen, where there is one."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from aws.errors import AwsError
from datasets.models import Preparation
from datasets.prepare import split_lines, split_stream
from endpoints import inputs
from endpoints.answers import LABEL_MARK
from endpoints.errors import NoAnswer, WrongInput
from endpoints.predict import columns_of

MOST = 1_000  # rows of a split that are offered
SPLITS = ("test", "validation", "train")  # the best one first


@dataclass(frozen=True)
class Example:
    """A row as the dataset's columns, and the label (or number) it has; "" when it has none."""

    number: int
    cells: dict[str, str]
    label: str


def first_row(recipe: Preparation) -> dict[str, str]:
    """The dataset's first row, by column; its long texts are cut."""
    preview = recipe.dataset.preview
    rows = preview.get("rows") or [[]]
    return dict(zip(preview.get("columns", []), rows[0], strict=False))


def split_of(recipe: Preparation | None) -> str:
    """The split that examples come from; "" without any."""
    channels = recipe.channels if recipe else {}
    return next((name for name in SPLITS if channels.get(name, {}).get("rows")), "")


def offered(recipe: Preparation) -> int:
    """How many rows `example` and `examples` count."""
    split = split_of(recipe)
    return min(MOST, int(recipe.channels[split]["rows"])) if split else 0


def example(recipe: Preparation, number: int) -> Example:
    """Row `number`, counted round. Raises as `examples`."""
    return examples(recipe, number % max(1, offered(recipe)), 1)[0]


def examples(recipe: Preparation, first: int, count: int) -> list[Example]:
    """Rows from `first` on, read from S3; WrongInput without any split, NoAnswer without S3."""
    split = split_of(recipe)
    if not split:
        raise WrongInput("No split of this model's data is known here.")
    try:
        with closing(_lines(recipe, split)) as lines:
            found = list(islice(lines, first, min(first + count, MOST)))
    except AwsError as error:
        raise NoAnswer(f"The {split} split cannot be read: {error.message}") from error
    if not found:
        raise WrongInput(f"The {split} split has no row {first}.")
    return [_example(recipe, first + n, label, cells) for n, (label, cells) in enumerate(found)]


def _lines(recipe: Preparation, split: str) -> Generator[tuple[str, list[str]]]:
    """The label as it stands in the channel, and the features."""
    if "tokens" not in recipe.encoding and recipe.algorithm != "blazingtext":
        with closing(split_lines(recipe, split, needs_labels=False)) as lines:
            for line in lines:
                label, *cells = line.decode().split(",")
                yield label, cells
        return
    with split_stream(recipe, split) as stream:
        for line in stream:
            label, _, text = line.decode().rstrip("\n").partition(" ")
            yield label, [text]


def _example(recipe: Preparation, number: int, label: str, cells: list[str]) -> Example:
    return Example(number, inputs.original_of(columns_of(recipe), cells), _label(recipe, label))


def _label(recipe: Preparation, text: str) -> str:
    """The label's name of a code or of a word in a text channel."""
    labels = [str(name) for name in recipe.labels]
    tokens: list[str] = recipe.encoding.get("tokens", [])
    if (word := text.removeprefix(LABEL_MARK)) != text and word in tokens:
        return labels[tokens.index(word)]
    if not text or not labels:
        return text
    code = round(float(text))
    return labels[code] if 0 <= code < len(labels) else text
