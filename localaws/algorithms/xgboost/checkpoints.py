"""`xgboost-checkpoint.<iteration>` files, the last five of them, and going on from the newest.

Source: aws/sagemaker-xgboost-container, checkpointing.py.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import xgboost as xgb

log = logging.getLogger(__name__)

_NAME = re.compile(r"xgboost-checkpoint\.(\d+)$")
_KEPT = 5
_UNFINISHED = ".sagemaker-ignore"  # the service does not upload such a file


def newest(folder: Path | None) -> tuple[xgb.Booster | None, int]:
    """A model and how many rounds it has; (None, 0) without a readable checkpoint."""
    for iteration, path in reversed(_found(folder)[-_KEPT:]):
        booster = xgb.Booster()
        try:
            booster.load_model(bytearray(path.read_bytes()))
        except xgb.core.XGBoostError:
            log.info("Wrong checkpoint model format %s", path.name)
            continue
        log.info("Checkpoint loaded from %s", path)
        log.info("Resuming from iteration %d", iteration + 1)
        return booster, iteration + 1
    return None, 0


def _found(folder: Path | None) -> list[tuple[int, Path]]:
    if folder is None or not folder.is_dir():
        return []
    named = ((_NAME.match(path.name), path) for path in folder.iterdir())
    return sorted((int(match[1]), path) for match, path in named if match)


class Saving(xgb.callback.TrainingCallback):
    """Saves after every round; what other runs left stays."""

    def __init__(self, folder: Path, start: int) -> None:
        """`start` is how many rounds the model had before."""
        self._folder, self._start = folder, start

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        del evals_log
        unfinished = self._folder / f"next{_UNFINISHED}"
        unfinished.write_bytes(model.save_raw("ubj"))
        unfinished.rename(self._path(epoch))
        if epoch >= _KEPT:
            self._path(epoch - _KEPT).unlink(missing_ok=True)
        return False

    def _path(self, epoch: int) -> Path:
        return self._folder / f"xgboost-checkpoint.{self._start + epoch}"
