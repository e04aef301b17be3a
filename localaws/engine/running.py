"""The engine of a running service, for the handlers that need it."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.app import App
from localaws.engine.backlog.backlog import Backlog
from localaws.engine.capture import Recorder
from localaws.engine.gauge import Gauge
from localaws.engine.host import Host
from localaws.engine.processing.processor import Processor
from localaws.engine.slots import Slots
from localaws.engine.tally import Tally
from localaws.engine.trainer import Trainer
from localaws.engine.transform.transformer import Transformer
from localaws.engine.tuning.tuner import Tuner


@dataclass(frozen=True)
class Engine:
    slots: Slots
    trainer: Trainer
    processor: Processor
    host: Host
    tally: Tally
    tuner: Tuner
    transformer: Transformer
    gauge: Gauge
    backlog: Backlog
    recorder: Recorder


_engines: dict[int, Engine] = {}


def begin(app: App) -> Engine:
    """Nothing runs yet but the threads that wait for work."""
    tuner = Tuner(app)
    slots = Slots(app, ended=tuner.nudge)
    trainer, processor = Trainer(app, slots, ended=tuner.nudge), Processor(app, slots)
    host, transformer = Host(app), Transformer(app)
    gauge = Gauge(app, slots, transformer, host)
    tally = Tally(app)
    backlog = Backlog(app, host, tally)
    parts = (slots, trainer, processor, host, tally, tuner, transformer, gauge, backlog)
    engine = Engine(*parts, Recorder(app))
    _engines[id(app)] = engine
    engine.slots.start()
    engine.tally.start()
    engine.transformer.start()
    engine.gauge.start()
    engine.backlog.start()
    engine.recorder.start()
    return engine


def engine(app: App) -> Engine:
    return _engines[id(app)]


def end(app: App) -> None:
    """Kill every child process; under 3 seconds."""
    gone = _engines.pop(id(app), None)
    if gone is not None:
        gone.gauge.close()
        gone.backlog.close()
        gone.tuner.close()
        gone.host.close()
        gone.transformer.close()
        gone.slots.close()
        gone.tally.close()
        gone.recorder.close()
