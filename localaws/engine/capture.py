"""Data capture: a part of the requests and their answers, as JSON Lines in S3, in the background.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

import base64
import json
import logging
import random
import sqlite3
import threading
import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localaws.app import App
from localaws.engine.channels import split
from localaws.engine.invoking import Question
from localaws.engine.server import Reply
from localaws.errors import AwsError

log = logging.getLogger(__name__)

_FLUSH_EVERY = 1.0
_HEADERS = {"CSV": "CsvContentTypes", "JSON": "JsonContentTypes"}

Config = Mapping[str, Any]
"""A DataCaptureConfig."""


class Recorder:
    """Lines are stored within a second, an object for each variant, and on `close`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._lines: dict[str, list[str]] = defaultdict(list)
        self._some, self._closed = threading.Event(), threading.Event()
        self._writer = threading.Thread(target=self._write, name="capture", daemon=True)

    def start(self) -> None:
        self._writer.start()

    def add(
        self, config: Config, endpoint: str, variant: str, question: Question, reply: Reply
    ) -> None:
        """Record it, by chance in proportion to the sampling percentage; only good answers are."""
        sampled = random.random() * 100 < config["InitialSamplingPercentage"]  # noqa: S311  no secret
        if not sampled or not 200 <= reply.status < 300:
            return
        now = self._app.clock.now()
        place = f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}/{now:%Y/%m/%d/%H}"
        with self._lock:
            self._lines[place].append(json.dumps(_event(config, question, reply, now)))
        self._some.set()

    def close(self) -> None:
        self._closed.set()
        self._some.set()
        self._writer.join(1)

    def _write(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            self._closed.wait(_FLUSH_EVERY)
            self._some.clear()
            with self._lock:
                lines, self._lines = self._lines, defaultdict(list)
            for place, found in lines.items():
                self._store(place, found)
        self._app.store.release()

    def _store(self, place: str, lines: list[str]) -> None:
        name = f"{self._app.clock.now():%M-%S-%f}"[:-3] + f"-{uuid.uuid4()}.jsonl"
        body = "".join(f"{line}\n" for line in lines).encode()
        try:
            self._app.objects.put_bytes(*split(f"{place}/{name}"), body, "application/jsonlines")
        except (AwsError, OSError, sqlite3.Error) as error:
            log.warning("Recorded requests are lost: %s: %s", place, error)


def _event(config: Config, question: Question, reply: Reply, now: datetime) -> dict[str, Any]:
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    sides = {
        "Input": ("endpointInput", question.body, question.headers.get("Content-Type", "")),
        "Output": ("endpointOutput", reply.body, reply.headers.get("Content-Type", "")),
    }
    data = {
        name: _data(config, mode, body, kind)
        for mode, (name, body, kind) in sides.items()
        if mode in modes or "InputAndOutput" in modes
    }
    about = {"eventId": str(uuid.uuid4()), "inferenceTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    if number := question.headers.get("X-Amzn-SageMaker-Inference-Id"):
        about["inferenceId"] = number
    return {"captureData": data, "eventMetadata": about, "eventVersion": "0"}


def _data(config: Config, mode: str, body: bytes, kind: str) -> dict[str, str]:
    encoding = _encoding(config.get("CaptureContentTypeHeader", {}), kind)
    try:
        text = "" if encoding == "BASE64" else body.decode()
    except UnicodeDecodeError:
        encoding = "BASE64"
    if encoding == "BASE64":
        text = base64.b64encode(body).decode()
    return {"observedContentType": kind, "mode": mode.upper(), "data": text, "encoding": encoding}


def _encoding(headers: Config, kind: str) -> str:
    """As the configuration has it for the content type; without a word about it, BASE64."""
    plain = kind.partition(";")[0].strip().lower()
    for encoding, name in _HEADERS.items():
        if plain in (one.lower() for one in headers.get(name, ())):
            return encoding
    return "BASE64"
