"""The form of a job with a script or an image of one's own; the step's validator decides."""

import shlex
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from aws import frameworks
from core.models import Workspace
from datasets.models import Preparation
from jobs import scripts
from jobs.estimate import Like
from jobs.forms.machine import LINES, MachineForm, Note, machine_of
from jobs.machine import pairs, spelt
from jobs.models import TrainingJob
from jobs.preflight import Plan
from jobs.source import Source

GPU_TYPES = ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g5.2xlarge", "ml.p3.2xlarge")
CPU_TYPES = ("ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge", "ml.c5.2xlarge")
SHOWN_TEXT = 50_000  # characters of a script that a copy shows to be changed
ONLY = {
    "framework": ("version", "upload", "script", "source", "entry_point"),
    "image": ("image", "entrypoint", "arguments"),
}
UNCOMPARED = ("name", "script", "source", "idempotency_key")  # of a copy with its original
PAIRS = ("hyperparameters", "inputs", "metric_definitions")


class ScriptForm(MachineForm):
    """`program` is what was uploaded, now or with an earlier try; `source` refers to it.

    `problem` is what was wrong with the upload; unless the form `has_all`, a file that was chosen
    may be missing.
    """

    version = forms.ChoiceField(label="Version")
    upload = forms.FileField(
        required=False,
        label="Script or archive",
        help_text="A .py or .sh file, or a .tar.gz or .zip with a requirements.txt beside it where"
        " pip shall install something.",
        widget=forms.ClearableFileInput(attrs={"accept": ".py,.sh,.gz,.tgz,.zip"}),
    )
    script = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES | {"rows": 12, "class": "code"}),
        label="Or type it",
    )
    source = forms.CharField(required=False, widget=forms.HiddenInput)
    entry_point = forms.CharField(
        required=False,
        label="Entry point",
        help_text="The file that is started; found by itself where it is clear.",
    )
    image = forms.CharField(
        label="Image",
        help_text="Its address in ECR: …dkr.ecr.us-east-1.amazonaws.com/name:tag.",
    )
    entrypoint = forms.CharField(
        required=False, help_text="Instead of the image's own, such as python3 /opt/fit.py."
    )
    arguments = forms.CharField(required=False, help_text="What follows the entrypoint.")
    hyperparameters = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        help_text="NAME=value, one a line.",
    )
    preparation = forms.ChoiceField(
        required=False,
        label="Prepared data",
        help_text="Its channels train and validation. The test rows stay for the evaluation.",
    )
    inputs = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="More channels",
    )
    metric_definitions = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Metrics",
        help_text="name=regular expression, one a line; the group holds the number:"
        " validation:loss=val_loss=([0-9.]+)",
    )
    headline = forms.CharField(
        required=False, label="The telling metric", help_text="Otherwise the first."
    )
    direction = forms.ChoiceField(
        required=False,
        choices=(("", "as its name says"), ("minimize", "less"), ("maximize", "more")),
        label="Better is",
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        workspace: Workspace,
        preparations: Sequence[Preparation],
        program: Source | None = None,
        problem: str = "",
        has_all: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.program, self.problem = kind, program, problem
        self.has_all = has_all
        self.framework = frameworks.FRAMEWORKS.get(kind)
        for name in ONLY["image" if self.framework else "framework"]:
            del self.fields[name]
        self.preparations = {one.uid: one for one in preparations}
        self._choose("preparation", [("", "none"), *map(_prepared, preparations)])
        if self.framework:
            self._choose("version", [(one, one) for one in self._versions()])
        has_gpu = self.framework is None or self.framework.has_gpu
        self.offer((*CPU_TYPES, *(GPU_TYPES if has_gpu else ())), workspace)
        buckets = ", ".join((workspace.bucket, *workspace.import_buckets))
        self.fields[
            "inputs"
        ].help_text = (
            f"name=s3://… and a content type after a space, one a line. Buckets: {buckets}."
        )

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = choices

    def _versions(self) -> list[str]:
        return list(self.framework.versions) if self.framework else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in PAIRS:
            for message in pairs(cleaned.get(name, ""))[1]:
                self.add_error(name, message)
        if self.problem:
            self.add_error("upload", self.problem)
        found = scripts.problems(self.workspace, self.wish, self.machine)
        if not self.has_all and self.program is None:
            found.pop("upload", None)
        self.complain(found)
        return cleaned

    def note_of(self, name: str) -> Note:
        """In a copy that was sent: what the original has instead."""
        was, now = (str(one or "") for one in (self.initial.get(name), self[name].value()))
        differs = self.is_bound and name in self.initial and now != was
        return Note(was=was or "empty") if differs and name not in UNCOMPARED else Note()

    @property
    def plan(self) -> Plan:
        return scripts.plan_of(self.wish, self.machine)

    def alike(self, instance_type: str, instance_count: int) -> Like | None:
        """Jobs of the same script, or of the same image."""
        if self.framework and self.program:
            which = Q(algorithm=self.kind, source__contains=self.program.digest)
        elif self.framework or not self["image"].value():
            return None
        else:
            which = Q(image=str(self["image"].value()))
        chosen = self.preparations.get(str(self["preparation"].value() or ""))
        rows = chosen.channels.get("train", {}).get("rows", 0) if chosen else 0
        return Like(
            workspace=self.workspace,
            which=which,
            instance_type=instance_type,
            instance_count=instance_count,
            rows=rows,
        )

    @property
    def wish(self) -> scripts.Wish:
        """What was typed, as far as it can be read."""
        cleaned = getattr(self, "cleaned_data", {})
        plain = (
            *("version", "entry_point", "image", "entrypoint", "arguments"),
            *("headline", "direction"),
        )
        read = {name: pairs(cleaned.get(name, ""))[0] for name in PAIRS}
        texts = {name: cleaned.get(name, "").strip() for name in plain}
        if self.program and not texts["entry_point"]:
            texts["entry_point"] = self.program.guess
        return scripts.Wish(
            kind=self.kind,
            program=self.program,
            preparation=self.preparations.get(cleaned.get("preparation", "")),
            inputs={name: _channel(text) for name, text in read["inputs"].items()},
            hyperparameters=read["hyperparameters"],
            metric_definitions=read["metric_definitions"],
            **texts,
        )


def _channel(text: str) -> dict[str, str]:
    uri, _, content_type = text.partition(" ")
    return {"uri": uri, "content_type": content_type.strip()}


def _prepared(row: Preparation) -> tuple[str, str]:
    target = row.target or "no target"
    rows = row.channels.get("train", {}).get("rows", 0)
    return row.uid, f"{row.dataset.name} · {target} · {rows:,} rows to train"


def initial_of(job: TrainingJob, program: Source | None) -> dict[str, Any]:
    """A form's values for a copy of `job`, whose source is `program`."""
    found = frameworks.of_image(job.image) if job.source else None
    prepared = job.preparation.channels if job.preparation else {}
    inputs = {
        name: " ".join(filter(None, (data["uri"], data.get("content_type", ""))))
        for name, data in job.inputs.items()
        if prepared.get(name, {}).get("uri") != data["uri"]
    }
    return machine_of(job) | {
        "version": found[1] if found else "",
        "script": _text(program),
        "source": program.digest if program else "",
        "entry_point": job.entry_point,
        "image": job.image,
        "entrypoint": shlex.join(job.entrypoint),
        "arguments": shlex.join(job.arguments),
        "hyperparameters": spelt(job.hyperparameters),
        "preparation": job.preparation.uid if job.preparation else "",
        "inputs": spelt(inputs),
        "metric_definitions": spelt(job.metric_definitions),
        "headline": job.headline_metric,
        "direction": job.headline_direction,
    }


def _text(program: Source | None) -> str:
    """A script that came alone, to be changed; "" of an archive."""
    if program is None or len(program.members) > 1 or program.members[0][1] > SHOWN_TEXT:
        return ""
    return program.read(program.names[0]).decode(errors="replace")
