"""Real tables that scikit-learn ships, as datasets of their own: bundled, so they work offline."""

from dataclasses import dataclass

from core.access import Actor
from core.errors import UserError
from core.models import Workspace
from datasets import upload
from datasets.models import Dataset

CHUNK = 2**20


@dataclass(frozen=True)
class Sample:
    title: str
    about: str
    target: str


SAMPLES = {
    "breast-cancer": Sample(
        "Breast cancer (Wisconsin)",
        "569 biopsies, 30 measurements: malignant or benign?",
        "diagnosis",
    ),
    "wine": Sample("Wine", "178 wines, 13 chemical measurements: which cultivar?", "cultivar"),
}


def create(
    who: Actor | None, workspace: Workspace, name: str, *, is_sample: bool = False
) -> Dataset:
    """The sample `name` as a dataset, now Profiling: nudge `profile_dataset` with its pk.

    `is_sample` marks what the console made by itself. Raises as `upload.receive` does.
    """
    if name not in SAMPLES:
        raise UserError(f"There is no sample “{name}”.", f"Samples: {', '.join(SAMPLES)}.")
    sample = SAMPLES[name]
    data = table(name)
    chunks = (data[start : start + CHUNK] for start in range(0, len(data), CHUNK))
    dataset = upload.receive(workspace, who, chunks, filename=f"{name}.csv", name=sample.title)
    if is_sample:
        Dataset.objects.filter(pk=dataset.pk).update(is_sample=True)
        dataset.is_sample = True
    return dataset


def table(name: str) -> bytes:
    """The sample as CSV: the measurements under their names, then the target as words."""
    from sklearn import datasets as bundled

    loaders = {"breast-cancer": bundled.load_breast_cancer, "wine": bundled.load_wine}
    found = loaders[name](as_frame=True)
    words = [str(word).replace("class_", "cultivar ") for word in found.target_names]
    frame = found.data.assign(**{SAMPLES[name].target: [words[code] for code in found.target]})
    return bytes(frame.to_csv(index=False), "utf-8")
