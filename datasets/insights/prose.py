"""Which columns hold texts to be read, how long these are, and their most frequent words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from datasets.tables.words import words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

CHARACTERS = 20  # texts are longer than this on average,
WORDS = 3.5  # and have more words than this
WORDED = 8_000_000  # characters in which words are counted
LISTED = 30
BINS = 20


def described(
    cells: pl.Series, lengths: npt.NDArray[np.uint32], missing: int
) -> dict[str, Any] | None:
    """The texts of a column, as `Dataset.insights["texts"]` has them; None for names or codes.

    `lengths` are in characters; `cells` may be cut. Empty ones do not count.
    """
    import numpy as np

    cells, lengths = cells.filter(cells != ""), lengths[lengths > 0]
    if not len(lengths) or lengths.mean() <= CHARACTERS:
        return None
    counts: Counter[str] = Counter()
    total = 0
    sums = cells.str.len_chars().cum_sum().to_numpy()
    worded = cells.head(max(1, int(np.searchsorted(sums, WORDED))))
    for text in worded:
        found = words(text)
        total += len(found)
        counts.update(found)
    mean_words = total / len(worded)
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
