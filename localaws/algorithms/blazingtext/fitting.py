"""One fastText training in one fresh process: a second one in the same process may end in NaN.

`python -m localaws.algorithms.blazingtext.fitting SETTINGS`, where SETTINGS is JSON:
{"input": path, "model": "supervised", ..., "save": path}.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from localaws.algorithms.container import AlgorithmError

log = logging.getLogger(__name__)

_PROGRESS = re.compile(rb"Progress:\s*([\d.]+)% words/sec/thread:\s*(\d+) lr:\s*([\d.]+)")
_EVERY = 0.5


def fit(settings: dict[str, Any], save: Path) -> None:
    """Train by fastText's own argument names; its binary is whole in `save`, or not there.

    Logs progress. Raises AlgorithmError with fastText's reason.
    """
    arriving = Path(settings["input"]).with_suffix(".arriving")
    asked = json.dumps(settings | {"save": str(arriving)})
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, asked],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None  # noqa: S101  it is a pipe
    last = _report(child.stderr, settings)
    code = child.wait()
    if code < 0:
        raise AlgorithmError(f"fastText was ended by signal {-code}.")
    if code:
        raise AlgorithmError(f"fastText: {last}")
    arriving.replace(save)


def _report(stream: IO[bytes], settings: dict[str, Any]) -> str:
    """Log lines as BlazingText writes them, until the stream ends; the last other line."""
    last, epoch, due = "no reason given", 0, 0.0
    for line in _pieces(stream):
        found = _PROGRESS.search(line)
        if not found:
            last = line.decode("utf-8", "replace")
            continue
        percent, speed, alpha = map(float, found.groups())
        while epoch < int(percent / 100 * settings["epoch"]):
            log.info("-------------- End of epoch: %d", epoch := epoch + 1)
        if time.monotonic() >= due or percent >= 100:
            due = time.monotonic() + _EVERY
            million = speed * settings["thread"] / 1e6
            text = "##### Alpha: %.4f  Progress: %.2f%%  Million Words/sec: %.2f #####"
            log.info(text, alpha, percent, million)
    return last


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """fastText overwrites its line of progress with carriage returns."""
    rest = b""
    while block := os.read(stream.fileno(), 1 << 12):
        *whole, rest = re.split(rb"[\r\n]", rest + block)
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


def _main() -> None:
    settings = json.loads(sys.argv[1])
    save = settings.pop("save")
    import fasttext

    supervised = settings["model"] == "supervised"
    if supervised:
        del settings["model"]
    train = fasttext.train_supervised if supervised else fasttext.train_unsupervised
    try:
        model = train(**settings)
    except (RuntimeError, ValueError, MemoryError) as error:
        sys.exit(str(error) or type(error).__name__)
    if len(model.words) == 0:
        sys.exit("Empty vocabulary: no word appears min_count times. Lower min_count.")
    model.save_model(save)


if __name__ == "__main__":
    _main()
