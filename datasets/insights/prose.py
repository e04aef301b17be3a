"""Which columns hold texts to be read, how long these are, and their most frequent words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from datasets.tables.words import words

if TYPE_CHECKING:
    import polars as pl

CHARACTERS = 20  # texts are longer than this on average,
WORDS = 3.5  # and have more words than this
WORDED_TEXTS = 20_000  # of them words are counted
LISTED = 30
BINS = 20


def described(cells: pl.Series, missing: int) -> dict[str, Any] | None:
    """The texts of a column, as `Dataset.insights["texts"]` has them; None for names or codes.

    Lengths are in characters and count the texts in `cells` that are not empty.
    """
    import numpy as np

    cells = cells.filter(cells != "")
    lengths = cells.str.len_chars().to_numpy()
    if not len(lengths) or lengths.mean() <= CHARACTERS:
        return None
    counts: Counter[str] = Counter()
    total = 0
    for text in cells.head(WORDED_TEXTS):
        found = words(text)
        total += len(found)
        counts.update(found)
    mean_words = total / min(len(cells), WORDED_TEXTS)
    if mean_words <= WORDS:
        return None
    distinct = len(np.unique(lengths))
    bars, edges = np.histogram(lengths, bins=min(BINS, distinct))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {
        "lengths": {
            "min": int(lengths.min()),
            "mean": float(lengths.mean()),
            "p50": float(np.median(lengths)),
            "max": int(lengths.max()),
            "mean_words": mean_words,
            "edges": edges.tolist(),
            "counts": bars.tolist(),
        },
        "words": [{"word": word[:80], "count": count} for word, count in ranked[:LISTED]],
        "empty": missing,
    }
