"""From tables to an algorithm's channels, wherever it runs: in a worker, in a Processing job. Pure.

The caller says how the tables are read and where the channels go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from datasets import channels, fit
from datasets.channels import Lines, Open
from datasets.formats.block import Block
from datasets.formats.sniff import BadTable
from datasets.recipe import ALGORITHMS, Recipe
from datasets.recipe.implied import implied, task_with
from datasets.split import NOWHERE
from datasets.survey import FILES, MAIN, Source, Sources, Survey, survey
from datasets.survey import columns as surveyed
from datasets.tables.encoding import Encoding, feature_names
from datasets.tables.words import one_word

VOCABULARY = "vocabulary.json"
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Result:
    """What a preparation keeps; `path`s of channels and artefacts are those the sinks were given.

    `channels` has for each split its path, rows, bytes, content_type and counts by label.
    """

    task: str
    labels: list[str]
    features: list[str]
    encoding: Encoding
    channels: dict[str, dict[str, Any]]
    preview: list[str]
    implied: dict[str, str]
    artefacts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What is known before anything is written: where each row goes, and what was fitted."""

    survey: Survey
    encoding: Encoding


def run(
    recipe: Recipe,
    sources: Sources,
    open_: Open,
    *,
    seed: int,
    stratify: bool,
    progress: Progress = lambda _percent: None,
) -> Result:
    """Read what divides the rows, what is fitted on training, and write the channels.

    `sources` has the main table, and a table for each of `recipe.files`; each is read from its
    start up to three times. `progress` is told the percentage with every block. BadTable when the
    tables do not hold what the recipe needs. The same arguments give the same bytes.

    Memory: a block of rows, what is fitted, and 5 to 9 bytes a row, which are some 25 while rows
    are divided (20 million rows: 460 MB).
    """
    told = _Told(recipe, sources, progress)
    found = plan(recipe, told.sources, seed=seed, stratify=stratify)
    lines = Lines(recipe, found.encoding)
    written = channels.write(lines, told.blocks(*lines.columns), found.survey, open_)
    described = {channel.split: channel.described(found.survey.labels) for channel in written}
    kept = artefacts(found.encoding, open_)
    return result(recipe, found, described, preview=written[0].head, artefacts=kept)


def plan(recipe: Recipe, sources: Sources, *, seed: int, stratify: bool) -> Plan:
    """The first two readings of `run`, which says more."""
    found = survey(recipe, sources, seed=seed, stratify=stratify)
    fitted = _fitted(recipe, found, sources)
    encoding = _encoding(recipe, found, fitted)
    _check_width(recipe, len(feature_names(encoding)))
    return Plan(found, encoding)


def _check_width(recipe: Recipe, width: int) -> None:
    entry = ALGORITHMS[recipe.algorithm]
    if not width:
        raise BadTable("The training rows leave no feature: they have no categories and no words.")
    if width > entry.most_features:
        raise BadTable(
            f"{width:,} features; {entry.title} takes at most {entry.most_features:,}.",
            "Leave columns out, or count fewer words.",
        )


def result(
    recipe: Recipe,
    found: Plan,
    described: dict[str, dict[str, Any]],
    *,
    preview: list[str],
    artefacts: dict[str, str],
) -> Result:
    """Everything together, once the channels are written."""
    labels, names = found.survey.labels, Lines(recipe, found.encoding).names
    rows = described["train"]["rows"]
    return Result(
        task=task_with(recipe, len(labels)),
        labels=labels,
        features=names,
        encoding=found.encoding,
        channels=described,
        preview=preview,
        implied=implied(recipe, features=len(names), labels=len(labels), rows=rows),
        artefacts=artefacts,
    )


def _fitted(recipe: Recipe, found: Survey, sources: Sources) -> fit.Fitted:
    columns, numbers = fit.columns(recipe)
    # Training rows are rows of the main table: the other files need not be read.
    blocks = sources[MAIN](columns, numbers) if columns else iter(())
    return fit.fit(recipe, fit.training_rows(blocks, found.assigned))


def _encoding(recipe: Recipe, found: Survey, fitted: fit.Fitted) -> Encoding:
    encoding: Encoding = {
        "features": fitted.features,
        "left_out": list(recipe.left_out),
        "dropped_rows": int((found.assigned == NOWHERE).sum()),
    }
    if found.dropped:
        encoding["dropped"] = found.dropped
    if fitted.fitted_on > 1:
        encoding["fitted_on"] = fitted.fitted_on
    if recipe.format == "blazingtext":
        encoding["tokens"] = one_word(found.labels)
    return encoding


def artefacts(encoding: Encoding, open_: Open) -> dict[str, str]:
    """The vocabulary as a file of its own, for programs that count words elsewhere."""
    words = [feature for feature in encoding["features"] if feature["kind"] == "words"]
    if not words:
        return {}
    content = {
        "column": words[0]["name"],
        "lower": words[0].get("lower", True),
        "words": words[0]["categories"],
    }
    sink = open_(VOCABULARY, "application/json")
    try:
        sink.write(json.dumps(content, ensure_ascii=False).encode())
        sink.close()
    except BaseException:
        sink.abort()
        raise
    return {"vocabulary": VOCABULARY}


class _Told:
    """The sources, with the share of all reading told as blocks go by."""

    def __init__(self, recipe: Recipe, sources: Sources, progress: Progress) -> None:
        self._progress = progress
        self._read = 0
        rows = {MAIN: recipe.rows, **recipe.files}
        # Only the main table is fitted on, and what divides the rows may be nothing.
        fitting = recipe.rows if fit.columns(recipe)[0] else 0
        readings = 2 if surveyed(recipe) else 1
        self._rows = max(1, readings * sum(rows.values()) + fitting)
        self.sources: Sources = {name: self._told(sources[name]) for name in rows}

    def blocks(self, columns: Collection[str], numbers: Collection[str] = ()) -> Iterator[Block]:
        """All tables' rows in one order."""
        for file in filter(self.sources.__contains__, FILES):
            yield from self.sources[file](columns, numbers)

    def _told(self, source: Source) -> Source:
        def read(columns: Collection[str], numbers: Collection[str] = ()) -> Iterator[Block]:
            for block in source(columns, numbers):
                yield block
                self._read += len(block)
                self._progress(min(99, 100 * self._read // self._rows))

        return read
