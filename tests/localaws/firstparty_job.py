"""Amazon's own algorithms as programs: train and serve on files, no service around them."""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio import tables
from tests.localaws.lab import csv

CSV0, CSV1 = "text/csv;label_size=0", "text/csv; label_size=1"


@dataclass(frozen=True)
class Split:
    """Three quarters to train, one quarter to test, shuffled."""

    x: Any
    y: Any
    test_x: Any
    test_y: Any


def split(name: str) -> Split:
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    order = np.random.default_rng(7).permutation(len(y))
    x, y = x[order].astype(np.float32), y[order].astype(np.float32)
    cut = len(y) * 3 // 4
    return Split(x[:cut], y[:cut], x[cut:], y[cut:])


def recordio(x: Any, y: Any = None) -> bytes:
    file = io.BytesIO()
    if isinstance(x, np.ndarray):
        tables.write_dense(file, x, y)
    else:
        tables.write_sparse(file, x, y)
    return file.getvalue()


def table(x: Any, y: Any) -> bytes:
    return csv(np.column_stack([y, x]))


class Job:
    """A job directory; `run` trains and keeps the log."""

    def __init__(self, base: Path, capsys: Any, caplog: Any) -> None:
        self.container, self._capsys, self._caplog = Container(base), capsys, caplog
        self.log: list[str] = []

    def run(
        self,
        train: Any,
        hyperparameters: dict[str, Any],
        channels: dict[str, tuple[str, bytes]],
        distribution: str = "ShardedByS3Key",
    ) -> None:
        """`channels` maps a name to (content type or "", content)."""
        config = self.container.base / "input" / "config"
        config.mkdir(parents=True, exist_ok=True)
        self.container.model.mkdir(exist_ok=True)
        texts = {name: str(value) for name, value in hyperparameters.items()}
        (config / "hyperparameters.json").write_text(json.dumps(texts))
        settings: dict[str, dict[str, str]] = {}
        for name, (kind, content) in channels.items():
            settings[name] = {"S3DistributionType": distribution}
            settings[name] |= {"ContentType": kind} if kind else {}
            self.container.channel(name).mkdir(parents=True, exist_ok=True)
            (self.container.channel(name) / "part-0").write_bytes(content)
        (config / "inputdataconfig.json").write_text(json.dumps(settings))
        self._caplog.clear()
        with self._caplog.at_level("INFO"):
            train(self.container)
        printed = self._capsys.readouterr().out.splitlines()
        self.log = [*self._caplog.messages, *printed]

    def refused(self, *arguments: Any) -> str:
        with pytest.raises(UserError) as caught:
            self.run(*arguments)
        return str(caught.value)

    def metrics(self, definitions: Any) -> dict[str, float]:
        """The last value of each metric, found as the service finds it."""
        return {
            name: float(found.group(1))
            for name, regex in definitions
            for line in self.log
            if (found := re.search(regex, line))
        }


def answered(model: Model, rows: Any, accept: str = "application/json") -> dict[str, Any]:
    """The JSON answer to rows in CSV."""
    answer = model.answer(csv(rows), "text/csv", accept)
    assert answer.status == 200, answer.body
    content: dict[str, Any] = json.loads(answer.body)
    return content


def labels_of(body: bytes) -> list[dict[str, list[float]]]:
    """The label maps of a recordio answer."""
    return [
        {name: tensor.values.tolist() for name, tensor in record.label.items()}
        for record in tables.records(memoryview(body))
    ]


__all__ = ["CSV0", "CSV1", "RECORDIO", "Job", "answered", "csv", "labels_of", "recordio", "split"]
