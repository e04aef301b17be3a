"""What every handler gets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localaws.clock import Clock
from localaws.store import Store

if TYPE_CHECKING:  # these modules hold handlers, and handlers import App
    from localaws.auth import Credentials
    from localaws.cloudwatch import Metrics
    from localaws.faults import Faults
    from localaws.iam import Roles
    from localaws.logs import Logs
    from localaws.s3.objects import Objects


@dataclass
class App:
    """The running service; `server.build` makes it."""

    data: Path
    region: str
    account_id: str
    host: str
    port: int
    store: Store
    clock: Clock
    faults: Faults
    credentials: Credentials
    objects: Objects
    logs: Logs
    metrics: Metrics
    roles: Roles
    allow_scripts: bool = False
    """Everybody's jobs and models may bring programs of their own; they run with our rights."""

    @property
    def url(self) -> str:
        """Where processes on this machine reach the service."""
        host = "127.0.0.1" if self.host in {"", "0.0.0.0"} else self.host  # noqa: S104  compared, not bound
        return f"http://{host}:{self.port}"
