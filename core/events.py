"""The hub behind /events: one Redis subscription per process, fanned out to bounded queues."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import redis
import redis.asyncio
from django.conf import settings

from core.live import CHANNEL

KEEP_ALIVE = 15.0  # seconds: proxies close silent streams
LIFETIME = 600.0  # seconds: the page then reconnects, and access is checked again
WAITING = 100
RESYNC = "*"  # the page missed something: fetch everything it shows again
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Subscriber:
    topics: frozenset[str]
    workspaces: frozenset[int]
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(WAITING))

    def offer(self, workspace: int, kind: str, uid: str) -> None:
        """Queue a change the page shows; a page that fell behind is told to fetch everything."""
        if workspace not in self.workspaces:
            return
        topic = f"{kind}:{uid}"
        if topic not in self.topics:
            topic = f"{kind}s"
        if topic in self.topics:
            self.put(topic)

    def put(self, topic: str) -> None:
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            topic = RESYNC
        self.queue.put_nowait(topic)


class Hub:
    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()
        self._is_listening = False
        self._task: asyncio.Task[None] | None = None

    def add(self, subscriber: Subscriber) -> None:
        """From the RESYNC on, nothing is missed: it covers what changed before, since the page was
        made.
        """
        self.subscribers.add(subscriber)
        if self._is_listening:
            subscriber.put(RESYNC)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        """Relay the channel while anybody listens; after an outage every page resyncs."""
        delay = 0.5
        while self.subscribers:
            try:
                async with (
                    redis.asyncio.from_url(settings.REDIS_URL) as connection,
                    connection.pubsub() as channel,
                ):
                    await channel.subscribe(CHANNEL)
                    self._is_listening = True
                    self._resync()
                    delay = 0.5
                    await self._relay(channel)
            except (redis.RedisError, OSError) as error:
                self._is_listening = False
                log.warning("live updates paused: %s", type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(2 * delay, 10.0)

        self._is_listening = False

    async def _relay(self, channel: "redis.asyncio.client.PubSub") -> None:
        while self.subscribers:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=5.0)
            if message is None:
                continue
            change = json.loads(message["data"])
            for subscriber in tuple(self.subscribers):
                subscriber.offer(change["workspace"], change["kind"], change["uid"])

    def _resync(self) -> None:
        for subscriber in self.subscribers:
            subscriber.put(RESYNC)


hub = Hub()


async def subscribe(topics: frozenset[str], workspaces: frozenset[int]) -> AsyncIterator[str]:
    """Topics that changed, in order; an empty string each `KEEP_ALIVE` seconds of silence."""
    subscriber = Subscriber(topics, workspaces)
    hub.add(subscriber)
    ends = asyncio.get_running_loop().time() + LIFETIME
    try:
        while asyncio.get_running_loop().time() < ends:
            topic = ""
            with contextlib.suppress(TimeoutError):
                topic = await asyncio.wait_for(subscriber.queue.get(), KEEP_ALIVE)
            yield topic
    finally:
        hub.subscribers.discard(subscriber)
