"""The rows of a split as its tables have them: every column, also those that no model reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from datasets.channels import chosen
from datasets.formats.block import Block
from datasets.formats.sniff import BadTable
from datasets.models import Dataset, Preparation
from datasets.reading import blocks
from datasets.split import SPLITS
from datasets.survey import FILES, MAIN, Source, Sources, survey
from datasets.wishes import recipe_of

if TYPE_CHECKING:
    import polars as pl


def sources(preparation: Preparation) -> Sources:
    """Its tables, read from S3."""

    def source(dataset: Dataset) -> Source:
        def read(columns: Collection[str], numbers: Collection[str] = ()) -> Iterator[Block]:
            return blocks(dataset, numbers=numbers, columns=columns, reads_on=True)

        return read

    given = {
        MAIN: preparation.dataset,
        "validation": preparation.validation_dataset,
        "test": preparation.test_dataset,
    }
    return {name: source(dataset) for name, dataset in given.items() if dataset is not None}


def column_names(preparation: Preparation) -> list[str]:
    """The columns of `originals`, in their order."""
    return [column["name"] for column in preparation.dataset.columns]


def originals(preparation: Preparation, split: str) -> Iterator[pl.DataFrame]:
    """The rows in the order of the split's channel, some at a time: texts without nulls.

    Divides the tables as preparing did and reads them whole. BadTable when they are no longer
    those that were prepared; what S3 refuses is raised as `aws.errors` has it.
    """
    recipe, given = recipe_of(preparation), sources(preparation)
    found = survey(recipe, given, seed=preparation.seed, stratify=preparation.stratify)
    number, names = SPLITS.index(split), column_names(preparation)
    start, rows = 0, 0
    for file in filter(given.__contains__, FILES):
        for block in given[file](names):
            here = slice(start, start + len(block))
            if here.stop > len(found.assigned):
                raise _changed(preparation)
            if len(places := chosen(found, here, number)):
                rows += len(places)
                yield _frame(block, names)[places]
            start = here.stop
    if start != len(found.assigned) or rows != preparation.channels[split]["rows"]:
        raise _changed(preparation)


def _frame(block: Block, names: list[str]) -> pl.DataFrame:
    import polars as pl

    there = set(block.names)
    empty = pl.Series("", [""] * len(block), dtype=pl.String)
    return pl.DataFrame(
        [(block.series(name) if name in there else empty).alias(name) for name in names]
    )


def _changed(preparation: Preparation) -> BadTable:
    return BadTable(f"“{preparation.dataset.name}” is not the table that was prepared.")
