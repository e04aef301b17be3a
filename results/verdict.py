"""What a test of a difference found."""

from dataclasses import dataclass

ALPHA = 0.05
LOWER_IS_BETTER = frozenset(
    {"rmse", "mae", "median_error", "mape", "log_loss", "brier", "mean_distance", "max_distance"}
)
METHODS = {
    "McNemar": "McNemar's test, exact, of the rows that only one of them is right about",
    "DeLong": "DeLong's test over the same rows",
    "bootstrap": "the bootstrap over the same rows",
    "separate rows": "the intervals of both: they judged different rows",
    "bootstrap of separate rows": "the bootstrap of each: they judged different rows",
}


@dataclass(frozen=True)
class Verdict:
    """`low` to `high` holds the true difference 95 times out of 100.

    `p`: how often so large a difference appears between models that are equally good.
    """

    metric: str
    difference: float
    low: float | None
    high: float | None
    p: float | None
    method: str

    @property
    def is_clear(self) -> bool:
        return self.p is not None and self.p < ALPHA

    @property
    def is_better(self) -> bool | None:
        """Whether the second one is; None when they are equal."""
        if not self.difference:
            return None
        return (self.difference > 0) != (self.metric in LOWER_IS_BETTER)
