"""The blocks that a report is made of: what one may hold, what it takes from results, its look.

A block is `{id, kind, heading, …}`. What it shows is *taken* from results as plain numbers and
class names: shown at once by a live report, kept by a frozen one. Both are drawn alike.
"""

from results.blocks.curves import CURVES, figures_of
from results.blocks.draw import Drawn, as_rows, drawn_all
from results.blocks.initial import first_blocks, summary
from results.blocks.kinds import KINDS, MOST_BLOCKS, TABLES, Block, check, new_id, results_of
from results.blocks.take import NOT_THERE, Results, Taken, taken

__all__ = [
    "CURVES",
    "KINDS",
    "MOST_BLOCKS",
    "NOT_THERE",
    "TABLES",
    "Block",
    "Drawn",
    "Results",
    "Taken",
    "as_rows",
    "check",
    "drawn_all",
    "figures_of",
    "first_blocks",
    "new_id",
    "results_of",
    "summary",
    "taken",
]
