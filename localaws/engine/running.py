"""The engine of a running service, for the handlers that need it."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.app import App
from localaws.engine.host import Host
from localaws.engine.tally import Tally
from localaws.engine.trainer import Trainer


@dataclass(frozen=True)
class Engine:
    trainer: Trainer
    host: Host
    tally: Tally


_engines: dict[int, Engine] = {}


def begin(app: App) -> Engine:
    """Nothing runs yet but the threads that wait for work."""
    engine = Engine(Trainer(app), Host(app), Tally(app))
    _engines[id(app)] = engine
    engine.trainer.start()
    engine.tally.start()
    return engine


def engine(app: App) -> Engine:
    return _engines[id(app)]


def end(app: App) -> None:
    """Kill every child process; under 3 seconds."""
    gone = _engines.pop(id(app), None)
    if gone is not None:
        gone.host.close()
        gone.trainer.close()
        gone.tally.close()
