"""One asynchronous request: its payload from S3, through the model, its answer to S3."""

from __future__ import annotations

import time
from dataclasses import dataclass

from localaws.app import App
from localaws.engine import invoking
from localaws.engine.backlog.entries import Entry
from localaws.engine.channels import split
from localaws.engine.deployment import Deployment, Retired
from localaws.engine.host import Host
from localaws.engine.invoking import Question
from localaws.engine.server import Reply
from localaws.engine.tally import Tally
from localaws.errors import AwsError

LARGEST = 1 << 30


class NotNow(Exception):
    """Nothing serves the endpoint at this moment: the request stays where it is."""


class Failed(Exception):
    """There will be no answer; the text says why."""


@dataclass(frozen=True)
class Outcome:
    """Not yet stored. `stream` is where the log of its server is."""

    entry: Entry
    variant: str
    stream: str
    reply: Reply | None
    failure: str = ""


class Answerer:
    def __init__(self, app: App, host: Host, tally: Tally) -> None:
        self._app, self._host, self._tally = app, host, tally

    def ask(self, entry: Entry) -> Outcome:
        """Raises NotNow."""
        live = self._host.serving(entry.endpoint)
        if live is None:
            raise NotNow
        variant = live.chosen() or next(iter(live.servers))
        stream = live.servers[variant].stream
        try:
            return Outcome(entry, variant, stream, self._reply(entry, live, variant))
        except Retired as error:
            raise NotNow from error
        except Failed as failure:
            return Outcome(entry, variant, stream, None, str(failure))

    def store(self, outcome: Outcome) -> None:
        """The answer, or the failure and a line in the data log. Raises OSError without room."""
        entry, reply, failure = outcome.entry, outcome.reply, outcome.failure
        if reply is not None:
            kind = reply.headers.get("Content-Type", "application/octet-stream")
            place = entry.request["OutputLocation"]
            try:
                self._app.objects.put_bytes(*split(place), reply.body, kind)
            except AwsError as error:
                failure = f"Cannot upload the response to {place}: {error}"
        if failure:
            self._store_failure(outcome, failure)

    def _store_failure(self, outcome: Outcome, text: str) -> None:
        """Without an S3FailurePath, or when its bucket is gone, only the log has it."""
        entry = outcome.entry
        line = f"[{entry.id}] {text}".replace("\t", "#011")
        group, stream = invoking.log_group(entry.endpoint), f"{outcome.stream}/data-log"
        self._app.logs.put(group, stream, [(int(time.time() * 1000), line)])
        if place := entry.request.get("FailureLocation"):
            try:
                self._app.objects.put_bytes(*split(place), text.encode(), "text/plain")
            except AwsError:
                return

    def _reply(self, entry: Entry, live: Deployment, variant: str) -> Reply:
        """Raises Failed, and Retired when the endpoint is being updated."""
        if time.time() - entry.received > entry.request["TTL"]:
            raise Failed("The request has expired: it waited longer than RequestTTLSeconds.")
        body, kind = self._payload(entry)
        headers = ({"Content-Type": kind} if kind else {}) | entry.request["Headers"]
        question = Question(body, headers, entry.request["Timeout"])
        reply = invoking.asked(self._tally, entry.endpoint, live, variant, question)
        if not 200 <= reply.status < 300:
            raise Failed(invoking.complaint(self._app, entry.endpoint, reply))
        return reply

    def _payload(self, entry: Entry) -> tuple[bytes, str]:
        """And the content type of its object. Raises Failed."""
        if entry.body is not None:
            return entry.body, ""
        uri = entry.request["InputLocation"]
        try:
            stored = self._app.objects.get(*split(uri))
            if stored.size > LARGEST:
                raise Failed(f"The request payload {uri} is larger than {LARGEST} bytes.")
            with self._app.objects.open(*split(uri)) as file:
                return file.read(), stored.headers.get("content-type", "")
        except AwsError as error:
            raise Failed(f"Cannot download the request payload {uri}: {error}") from error
