"""Hyperparameter tuning jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aws.types.training import TrainingJobSpec


@dataclass(frozen=True)
class ParameterRange:
    """What a tuning job may try: `low` to `high` as text, or one of `values` (categorical)."""

    name: str
    kind: str  # integer, continuous or categorical
    low: str = ""
    high: str = ""
    scaling: str = "Auto"
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TuningJobSpec:
    """`trial` describes every trial: its hyperparameters are the static ones, its name unused.

    `direction` is Maximize or Minimize. `warm_start` is IdenticalDataAndAlgorithm or
    TransferLearning with the names of earlier tuning jobs as `parents`, or "".
    """

    name: str
    trial: TrainingJobSpec
    ranges: tuple[ParameterRange, ...]
    objective: str
    direction: str
    strategy: str = "Bayesian"
    max_jobs: int = 9
    max_parallel: int = 3
    early_stopping: bool = False
    seed: int | None = None
    # Hyperband's rounds: the least and the most that a trial trains.
    min_resource: int | None = None
    max_resource: int | None = None
    warm_start: str = ""
    parents: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TuningJob:
    """`counts` are trials by how they stand: Completed, InProgress, RetryableError, …"""

    name: str
    arn: str
    status: str
    failure_reason: str
    strategy: str
    objective: str
    direction: str
    ranges: tuple[ParameterRange, ...]
    hyperparameters: Mapping[str, str]
    image: str
    instance_type: str
    instance_count: int
    max_jobs: int
    max_parallel: int
    counts: Mapping[str, int]
    best_name: str
    best_value: float | None
    created: datetime
    ended: datetime | None
    modified: datetime


@dataclass(frozen=True)
class TuningJobSummary:
    name: str
    arn: str
    status: str
    created: datetime
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A training job of a tuning job; `hyperparameters` are the tuned ones."""

    name: str
    arn: str
    status: str
    hyperparameters: Mapping[str, str]
    value: float | None
    created: datetime
    ended: datetime | None
