"""What would go wrong with a launch, told before anything is created. Pure: from what is known.

Hyperparameters are judged at their fields (`hyperparameters.checked`); here is what no field can
see: the machine against the data and the algorithm. Source of what an algorithm runs on: Amazon's
"EC2 instance recommendation" of each, linked from the catalogue.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jobs import fitting
from jobs.catalogue.definition import Algorithm, Data, Errors
from jobs.machine import Machine

GIB = 2**30
# Families with disks of their own: SageMaker puts the data there, whatever volume is asked for.
OWN_DISK = ("g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5e", "p5en", "trn1", "trn1n", "trn2")
ONE_BY_ONE = {"supervised", "cbow", "skipgram"}  # BlazingText's modes for a single instance


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WOULD_FAIL = "would fail"
    UNCHECKED = "could not be checked"

    @property
    def tone(self) -> str:
        """As pages colour it."""
        tones = {self.OK: "good", self.WARNING: "warn", self.WOULD_FAIL: "bad"}
        return tones.get(self, "off")


@dataclass(frozen=True)
class Finding:
    """`field` is the one of the form to change, if one is; `certain` when nobody need try it."""

    check: str
    verdict: Verdict
    words: str
    field: str = ""
    certain: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a channel reads; 0 and "" where it is not known."""

    uri: str
    content_type: str = ""
    rows: int = 0
    bytes: int = 0
    sharded: bool = False  # its objects are divided among the instances


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is about to be launched: a job of the catalogue (`entry`), or a script or image.

    `framework` is scikit-learn, pytorch or tensorflow. `at_once` jobs run side by side (a tuning
    job's trials), `objective` is the metric they search by.
    """

    machine: Machine
    sources: Mapping[str, Source]
    entry: Algorithm | None = None
    texts: Mapping[str, str] = field(default_factory=dict)  # hyperparameters
    data: Data = field(default_factory=Data)
    framework: str = ""
    objective: str = ""
    at_once: int = 1


def judged(plan: Plan) -> tuple[Finding, ...]:
    """Everything that can be said without asking AWS, good news too."""
    return tuple(
        found
        for rule in (_channels, _formats, _rows, _labels, _objective, _volume, _instances, _gpu)
        for found in rule(plan)
    )


def refusals(plan: Plan) -> Errors:
    """Messages by field for what is certain to fail."""
    errors: Errors = {}
    for found in judged(plan):
        if found.verdict is Verdict.WOULD_FAIL and found.certain:
            errors.setdefault(found.field, []).append(found.words)
    return errors


def _ok(check: str, words: str) -> Finding:
    return Finding(check, Verdict.OK, words)


def _warn(check: str, words: str, field: str = "") -> Finding:
    return Finding(check, Verdict.WARNING, words, field)


def _fails(check: str, words: str, field: str) -> Finding:
    return Finding(check, Verdict.WOULD_FAIL, words, field, certain=True)


def _channels(plan: Plan) -> Iterator[Finding]:
    wanted = plan.entry.channels if plan.entry else ()
    missing = [one.name for one in wanted if one.required and one.name not in plan.sources]
    empty = [name for name, source in plan.sources.items() if not source.uri]
    for name in (*missing, *empty):
        yield _fails("Channels", f"The channel {name} has no data.", "preparation")
    if plan.sources and not missing and not empty:
        yield _ok("Channels", f"{', '.join(plan.sources)}.")


def _formats(plan: Plan) -> Iterator[Finding]:
    if plan.entry is None:
        return
    for content_type in sorted({source.content_type for source in plan.sources.values()}):
        if words := fitting.format_problem(plan.entry, content_type):
            yield _fails("Format", words, "preparation")


def _rows(plan: Plan) -> Iterator[Finding]:
    for name, source in plan.sources.items():
        if plan.entry and not source.rows:
            yield _warn("Rows", f"It is not known that {name} has any rows.")
        elif source.sharded and 0 < source.rows < plan.machine.instance_count:
            words = f"{name} has {source.rows} rows for {plan.machine.instance_count} instances."
            yield _fails("Rows", words, "instance_count")
    if plan.data.rows and plan.data.features:
        words = f"{plan.data.rows:,} rows of {plan.data.features:,} features to learn from."
        yield _ok("Data", words)


def _labels(plan: Plan) -> Iterator[Finding]:
    if plan.data.task in ("binary", "multiclass") and plan.data.labels < 2:
        words = "The target has a single label: there is nothing to tell apart."
        yield _fails("Labels", words, "preparation")


def _objective(plan: Plan) -> Iterator[Finding]:
    channel, sign, _ = plan.objective.partition(":")
    if plan.entry and sign and channel not in plan.sources:
        words = f"{plan.objective} needs the channel {channel}, which has no data."
        yield _fails("Objective", words, "objective")


def _volume(plan: Plan) -> Iterator[Finding]:
    known = sum(source.bytes for source in plan.sources.values())
    volume = plan.machine.volume_gb * GIB
    family = plan.machine.instance_type.split(".")[1:2]
    if not known or (family and family[0] in OWN_DISK):
        return
    size = f"{known / GIB:.1f} GB of data"
    if known > volume:
        yield _fails("Volume", f"{size} do not fit {plan.machine.volume_gb} GB.", "volume_gb")
    elif known > volume / 2:
        words = f"{size} leave little of {plan.machine.volume_gb} GB for the model and its work."
        yield _warn("Volume", words, "volume_gb")


def _instances(plan: Plan) -> Iterator[Finding]:
    if plan.machine.instance_count == 1:
        return
    name = plan.entry.name if plan.entry else plan.framework
    count = "instance_count"
    if name == "blazingtext" and plan.texts.get("mode") in ONE_BY_ONE:
        words = "BlazingText runs on several instances in mode batch_skipgram only, not in"
        yield _fails("Instances", f"{words} {plan.texts['mode']}.", count)
    elif name == "scikit-learn":
        words = "Scikit-learn does not share work: each instance would run the whole script."
        yield _warn("Instances", words, count)
    elif name == "xgboost" and not any(source.sharded for source in plan.sources.values()):
        words = "Every instance reads all rows, so more of them make XGBoost no faster."
        yield _warn("Instances", words, count)


def _gpu(plan: Plan) -> Iterator[Finding]:
    if not has_gpu(plan.machine.instance_type):
        return
    name = plan.entry.name if plan.entry else plan.framework
    field = "instance_type"
    if name == "blazingtext" and plan.texts.get("mode") == "batch_skipgram":
        words = "BlazingText's mode batch_skipgram runs on machines without a GPU only."
        yield _fails("Machine", words, field)
    elif name in ("randomcutforest", "scikit-learn"):
        title = plan.entry.title if plan.entry else "Scikit-learn"
        yield _warn("Machine", f"{title} does not use a GPU: this one would be idle.", field)
    elif name == "xgboost" and plan.texts.get("tree_method") != "gpu_hist":
        words = "XGBoost uses the GPU with tree_method gpu_hist only: it would be idle."
        yield _warn("Machine", words, field)
    elif name == "factorization-machines":
        words = "Factorization Machines gain from a GPU with dense data only."
        yield _warn("Machine", words, field)


def has_gpu(instance_type: str) -> bool:
    return instance_type.startswith(("ml.p", "ml.g"))


def stopping(findings: Iterable[Finding], *, anyway: bool) -> list[Finding]:
    """What keeps a launch from being tried; `anyway` overrules what is not certain."""
    return [
        one for one in findings if one.verdict is Verdict.WOULD_FAIL and (one.certain or not anyway)
    ]
