"""A table's facts and insights without a console: text in, dicts out."""

import io

import pyarrow.parquet as pq

from datasets import recipe
from datasets.formats import registry
from datasets.formats.sniff import Dialect
from datasets.insights import Insights
from datasets.tables import Profile


class Looked:
    def __init__(self, text, *, numbers_at_once=False):
        data = text.encode() if isinstance(text, str) else text
        numbers = set()
        self.insights = None
        for block in registry.blocks(io.BytesIO(data), Dialect(",", "utf-8"), numbers=numbers):
            if self.insights is None:
                self.profile, self.insights = Profile(block.names), Insights(block.names)
            self.profile.add_block(block)
            self.insights.add(block)
            if numbers_at_once:
                numbers |= self.profile.numbers
        self.columns = self.profile.columns()
        self.found = self.insights.found(self.columns, recipe.likely_target)

    def __getitem__(self, name):
        return self.found[name]

    def column(self, name):
        return next(column for column in self.columns if column["name"] == name)

    def measure(self, target, name):
        told = self["targets"][target]["features"]
        return next((one["measure"], one["value"]) for one in told if one["column"] == name)

    def leaks(self, target):
        return {leak["column"]: leak["why"] for leak in self["targets"][target]["leaks"]}

    def kept(self):
        """The kept rows as a table, and how many there are of each kind."""
        body, kept = self.insights.rows(self.columns, self.found)
        return pq.read_table(io.BytesIO(body)), kept


def written(frame):
    return frame.to_csv(index=False)
