"""What serves an endpoint now: its servers, its shares, and who is using them."""

from __future__ import annotations

import random
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localaws.engine.server import Server
from localaws.engine.serving import Variant


class Retired(Exception):
    """Another deployment serves the endpoint by now: ask the host for it."""


class Busy(Exception):
    """A serverless variant has as many invocations under way as its MaxConcurrency."""


class Deployment:
    def __init__(self, folder: Path, servers: dict[str, Server], variants: list[Variant]) -> None:
        self.folder, self.servers = folder, servers
        self._each: int = max(variant.get("Asynchronous", 0) for variant in variants)
        self.capture: dict[str, Any] | None = variants[0].get("Capture")
        self._limits = {
            variant["VariantName"]: variant["ServerlessConfig"]["MaxConcurrency"]
            for variant in variants
            if "ServerlessConfig" in variant
        }
        self._using: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._retired = False
        self.share(variants)

    def share(self, variants: list[Variant]) -> None:
        """How the traffic and the instances are shared from now on."""
        self.weights: dict[str, float] = {v["VariantName"]: v["Weight"] for v in variants}
        self.instances: dict[str, int] = {v["VariantName"]: v["InstanceCount"] for v in variants}

    @property
    def asynchronous(self) -> bool:
        return self._each > 0

    def capacity(self) -> int:
        """How many asynchronous requests at once: none while there is no instance."""
        return self._each * sum(self.instances.values())

    def chosen(self) -> str | None:
        """A variant by chance in proportion to the weights; None when all are 0."""
        names, weights = list(self.weights), list(self.weights.values())
        if not sum(weights):
            return None
        return random.choices(names, weights)[0]  # noqa: S311  sharing traffic is no secret

    @contextmanager
    def using(self, variant: str) -> Iterator[Server]:
        """Its server, which stays up meanwhile. Raises Retired and Busy."""
        with self._changed:
            if self._retired:
                raise Retired
            if self._using[variant] >= self._limits.get(variant, float("inf")):
                raise Busy
            self._using[variant] += 1
        try:
            yield self.servers[variant]
        finally:
            with self._changed:
                self._using[variant] -= 1
                self._changed.notify_all()

    def retire(self) -> None:
        """Take nothing more, and close when what is under way has been answered."""
        with self._changed:
            self._retired = True
            self._changed.wait_for(lambda: not self._using.total())
        self.close()

    def close(self) -> None:
        for server in self.servers.values():
            server.close()
        shutil.rmtree(self.folder, ignore_errors=True)
