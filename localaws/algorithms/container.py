"""The SageMaker container contract, seen from inside.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class UserError(Exception):
    """The caller of the job can fix it; its text becomes the FailureReason."""


class AlgorithmError(Exception):
    """Training itself went wrong; its text becomes the FailureReason."""


@dataclass(frozen=True)
class Container:
    """The files of one job or server below `SAGEMAKER_BASE_DIR` (default /opt/ml)."""

    base: Path

    @property
    def model(self) -> Path:
        return self.base / "model"

    @property
    def failure(self) -> Path:
        return self.base / "output" / "failure"

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name

    def hyperparameters(self) -> dict[str, str]:
        return self._config("hyperparameters")

    def channels(self) -> dict[str, dict[str, str]]:
        """Channel name to its settings (`ContentType` only when the request gave one)."""
        return self._config("inputdataconfig")

    def resources(self) -> dict[str, Any]:
        """Hosts and instance groups, as resourceconfig.json has them."""
        return self._config("resourceconfig")

    def checkpoints(self) -> Path | None:
        """Where to read and write them; None when the request has no CheckpointConfig."""
        path = self.base / "input" / "config" / "checkpointconfig.json"
        return Path(self._config(path.stem)["LocalPath"]) if path.is_file() else None

    def _config(self, name: str) -> dict[str, Any]:
        path = self.base / "input" / "config" / f"{name}.json"
        config: dict[str, Any] = json.loads(path.read_text())
        return config


# How the images of Amazon's own algorithms begin what the caller has to mend; the service calls it
# ClientError. XGBoost's open container writes no such beginning.
CUSTOMER_ERROR = "Customer Error: "


def main(
    train: Callable[[Container], None],
    serve: Callable[[Container], None],
    *,
    blame: str = "",
) -> None:
    """Entry point of an algorithm; the command line says `train` or `serve`, as docker run does.

    `blame` comes before the text of a UserError.
    """
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stdout,
        format="[%(asctime)s:%(levelname)s] %(message)s",
        datefmt="%Y-%m-%d:%H:%M:%S",
    )
    _die_with_parent()
    container = Container(Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))
    if sys.argv[1:] == ["train"]:
        sys.exit(_trained(train, container, blame))
    if sys.argv[1:] == ["serve"]:
        serve(container)
        return
    sys.exit("usage: train|serve")


def _trained(train: Callable[[Container], None], container: Container, blame: str) -> int:
    try:
        train(container)
    except (UserError, AlgorithmError) as error:
        reason = f"{blame if isinstance(error, UserError) else ''}{error}"
        log.error("%s", reason)  # noqa: TRY400  a person reads this log: the reason, no stack
        return _failed(container, reason)
    except Exception as error:  # noqa: BLE001  whatever happened must reach the failure file
        traceback.print_exc(file=sys.stdout)
        return _failed(container, f"{type(error).__name__}: {error}")
    return 0


def _failed(container: Container, reason: str) -> int:
    container.failure.write_text(reason)
    return 1


def _die_with_parent() -> None:
    """localaws holds the other end of our stdin: when it is gone, however it went, so are we."""
    if os.environ.get("LOCALAWS_WATCH_STDIN") == "1":
        threading.Thread(target=_watch_stdin, daemon=True).start()


def _watch_stdin() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)
