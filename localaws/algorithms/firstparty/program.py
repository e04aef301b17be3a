"""What `__main__` of these algorithms does."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from localaws.algorithms import container, serving
from localaws.algorithms.container import Container
from localaws.algorithms.firstparty.server import Model

ARTIFACT = "model_algo-1"


def main(train: Callable[[Container], None], load: Callable[[Path], Model]) -> None:
    """`load` makes the model of a model directory. The log looks as the images' does."""
    verb = " ".join(sys.argv[1:])
    print(f"Docker entrypoint called with argument(s): {verb}", flush=True)  # noqa: T201  no logger yet
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stdout,
        format="[%(asctime)s %(levelname)s %(thread)d] %(message)s",
        datefmt="%m/%d/%Y %H:%M:%S",
    )
    container.main(
        train,
        lambda server: serving.run(load(server.model).answer),
        blame=container.CUSTOMER_ERROR,
    )
