"""Endpoints: one model server per variant, brought up, replaced and taken down."""

from __future__ import annotations

import logging
import shutil
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localaws.app import App
from localaws.engine.backlog import entries
from localaws.engine.deployment import Deployment
from localaws.engine.keeping import keep
from localaws.engine.server import Server, endpoint_log
from localaws.engine.serving import NotHealthy, Variant, bring_up
from localaws.errors import AwsError
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

log = logging.getLogger(__name__)

KIND = "endpoint"
_RESTORE_PATIENCE = 30.0


class Host:
    """Every method returns at once; the record's status says how the work goes on."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._live: dict[str, Deployment] = {}
        self._rising: set[Server] = set()
        self._retiring: set[Deployment] = set()
        self._restored: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def deployment(self, endpoint: str) -> Deployment | None:
        """None when nothing serves it. Waits a while for one that localaws is bringing back."""
        if restored := self._restored.get(endpoint):
            restored.wait(_RESTORE_PATIENCE)
        return self._live.get(endpoint)

    def serving(self, endpoint: str) -> Deployment | None:
        """What serves it at this moment, without waiting."""
        return self._live.get(endpoint)

    def asynchronous(self) -> list[tuple[str, Deployment]]:
        """What serves asynchronous endpoints at this moment."""
        return [item for item in list(self._live.items()) if item[1].asynchronous]

    def create(self, endpoint: str) -> None:
        """For a record in Creating: InService, or Failed with the reason."""
        self._later(self._create, endpoint)

    def update(self, endpoint: str, changes: dict[str, Any]) -> None:
        """For a record in Updating: what serves goes on until the new servers are healthy.

        `changes` are the record's members from then on; back to InService with a FailureReason
        when they do not come up.
        """
        self._later(self._update, endpoint, changes)

    def weigh(self, endpoint: str, change: Callable[[Record], None]) -> None:
        """For a record in Updating whose shares alone change; `change` makes them so."""
        self._later(self._weigh, endpoint, change)

    def running(self) -> list[tuple[str, str, int]]:
        """(endpoint, variant, process group) of every server."""
        return [
            (endpoint, variant, group)
            for endpoint, deployment in list(self._live.items())
            for variant, server in deployment.servers.items()
            if (group := server.group()) is not None
        ]

    def delete(self, endpoint: str) -> None:
        """For a record in Deleting: gone when the processes are."""
        self._later(self._delete, endpoint)

    def restore(self, endpoint: str) -> None:
        """For a record that was InService when localaws ended."""
        self._restored[endpoint] = threading.Event()
        self._later(self._restore, endpoint)

    def close(self) -> None:
        """Stop every process; the records stay, to be restored."""
        with self._lock:
            self._closed.set()
            deployments = [*self._live.values(), *self._retiring]
            servers = {s for d in deployments for s in d.servers.values()} | self._rising
        if servers:
            with ThreadPoolExecutor(len(servers)) as pool:
                list(pool.map(lambda server: server.close(0.5), servers))

    def _later(self, work: Callable[..., None], *arguments: Any) -> None:
        def run() -> None:
            try:
                work(*arguments)
            except (
                AwsError,
                OSError,
            ) as error:  # the record went away meanwhile, or the disk's room
                log.warning("Endpoint %s: %s", arguments[0], error)
            finally:
                self._app.store.release()

        threading.Thread(target=run, name=f"endpoint-{arguments[0]}", daemon=True).start()

    def _create(self, endpoint: str) -> None:
        record, generation = records.get(self._app, KIND, endpoint), uuid.uuid4().hex[:8]
        try:
            rising = self._raise(endpoint, record.body["Deployed"], generation)
        except NotHealthy as error:
            self._settle(endpoint, "Failed", FailureReason=str(error))
        else:
            self._live[endpoint] = rising
            aged = record.body.get("Aged", False)  # its LastModifiedTime is as old as itself
            self._settle(endpoint, "InService", touch=not aged, Generation=generation)

    def _restore(self, endpoint: str) -> None:
        """From the model files of last time: the objects in S3 may be gone by now."""
        body = records.get(self._app, KIND, endpoint).body
        self._forget_others(endpoint, body["Generation"])
        try:
            self._adopt(endpoint, self._raise(endpoint, body["Deployed"], body["Generation"]))
        except NotHealthy as error:
            self._settle(endpoint, "Failed", FailureReason=str(error))
        finally:
            self._restored.pop(endpoint).set()

    def _adopt(self, endpoint: str, rising: Deployment) -> None:
        """A client may have deleted the endpoint while it was being brought back."""
        with self._lock:
            record = records.find(self._app, KIND, endpoint)
            if record is not None and record.status != "Deleting":
                self._live[endpoint] = rising
                return
        rising.close()

    def _forget_others(self, endpoint: str, generation: str) -> None:
        for folder in self._folder(endpoint).glob("*"):
            if folder.name != generation:
                shutil.rmtree(folder, ignore_errors=True)

    def _update(self, endpoint: str, changes: dict[str, Any]) -> None:
        changes = changes | {"Generation": uuid.uuid4().hex[:8]}
        try:
            rising = self._raise(endpoint, changes["Deployed"], changes["Generation"])
        except NotHealthy as error:
            self._settle(endpoint, "InService", FailureReason=str(error))
            return
        old = self._live.get(endpoint)
        self._live[endpoint] = rising
        self._settle(endpoint, "InService", **changes)
        if old is not None:
            self._retire(old)

    def _retire(self, old: Deployment) -> None:
        with self._lock:
            self._retiring.add(old)
        old.retire()
        self._retiring.discard(old)

    def _weigh(self, endpoint: str, change: Callable[[Record], None]) -> None:
        live = self.deployment(endpoint)

        def apply(record: Record) -> None:
            change(record)
            if live is not None:
                live.share(record.body["Deployed"])

        keep(lambda: records.update(self._app, KIND, endpoint, apply), self._closed)

    def _delete(self, endpoint: str) -> None:
        with self._lock:
            old = [d for d in self._retiring if d.folder.parent == self._folder(endpoint)]
            if endpoint in self._live:
                old.append(self._live.pop(endpoint))
        for deployment in old:
            deployment.close()
        shutil.rmtree(self._folder(endpoint), ignore_errors=True)
        keep(lambda: self._forget(endpoint), self._closed)

    def _forget(self, endpoint: str) -> None:
        with self._app.store.transaction():
            entries.forget(self._app, endpoint)
            records.delete(self._app, KIND, endpoint)

    def _settle(self, endpoint: str, status: str, *, touch: bool = True, **members: Any) -> None:
        def change(record: Record) -> None:
            record.status = status
            record.body.pop("FailureReason", None)
            record.body.update(members)

        keep(lambda: records.update(self._app, KIND, endpoint, change, touch=touch), self._closed)

    def _folder(self, endpoint: str) -> Path:
        return self._app.data / "sagemaker" / "endpoints" / endpoint

    def _raise(self, endpoint: str, variants: list[Variant], generation: str) -> Deployment:
        """Start every variant side by side. Raises NotHealthy, leaving nothing behind."""
        folder = self._folder(endpoint) / generation
        servers = {
            (name := variant["VariantName"]): Server(
                self._app, endpoint_log(endpoint, name), variant, folder / name
            )
            for variant in variants
        }
        rising = Deployment(folder, servers, variants)
        try:
            with ThreadPoolExecutor(len(variants)) as pool:
                list(
                    pool.map(lambda v: self._serve(v, servers[v["VariantName"]], folder), variants)
                )
        except NotHealthy:
            rising.close()
            raise
        return rising

    def _serve(self, variant: Variant, server: Server, folder: Path) -> None:
        with self._lock:
            if self._closed.is_set():
                raise NotHealthy("localaws is leaving")
            self._rising.add(server)
        try:
            bring_up(self._app, server, variant, folder / variant["VariantName"])
        finally:
            self._rising.discard(server)
            self._app.store.release()
