"""Real tables that scikit-learn or Python ships, as datasets of their own: they work offline."""

import ast
import csv
import io
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.access import Actor
from core.errors import UserError
from core.models import Workspace
from datasets import upload
from datasets.models import Dataset

CHUNK = 2**20
# Parts of the standard library whose documentation is long, as their sources are called.
DOCUMENTED = {
    "asyncio": "asyncio",
    "decimal": "_pydecimal.py",
    "email": "email",
    "http": "http",
    "importlib": "importlib",
    "logging": "logging",
    "unittest": "unittest",
    "xml": "xml",
}
SHORTEST_TEXT = 30  # characters
DOCUMENTABLE = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Sample:
    """`task` is what can be learnt from it, `target` the column to predict."""

    title: str
    about: str
    task: str
    target: str


SAMPLES = {
    "digits": Sample(
        "Handwritten digits",
        "1,797 images of 8 × 8 pixels: which digit?",
        "images",
        "digit",
    ),
    "breast-cancer": Sample(
        "Breast cancer (Wisconsin)",
        "569 biopsies, 30 measurements: malignant or benign?",
        "two classes",
        "diagnosis",
    ),
    "wine": Sample(
        "Wine",
        "178 wines, 13 chemical measurements: which cultivar?",
        "three classes",
        "cultivar",
    ),
    "diabetes": Sample(
        "Diabetes",
        "442 patients, 10 measurements: how far is the disease after a year?",
        "a number",
        "progression",
    ),
    "python-docs": Sample(
        "Python's documentation",
        "Some 3,000 paragraphs out of the standard library: which module are they about?",
        "texts",
        "module",
    ),
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
    """The sample as CSV with a header: the features, then the target."""
    return TABLES[name]()


def _breast_cancer() -> bytes:
    from sklearn.datasets import load_breast_cancer

    return _with_words(load_breast_cancer(as_frame=True), "diagnosis")


def _wine() -> bytes:
    from sklearn.datasets import load_wine

    return _with_words(load_wine(as_frame=True), "cultivar")


def _with_words(found: Any, target: str) -> bytes:
    words = [str(word).replace("class_", "cultivar ") for word in found.target_names]
    frame = found.data.assign(**{target: [words[code] for code in found.target]})
    return bytes(frame.to_csv(index=False), "utf-8")


def _digits() -> bytes:
    from sklearn.datasets import load_digits

    found = load_digits(as_frame=True)
    frame = found.data.astype(int).assign(digit=found.target)
    return bytes(frame.to_csv(index=False), "utf-8")


def _diabetes() -> bytes:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(as_frame=True, scaled=False)
    names = {"s1": "cholesterol", "s2": "ldl", "s3": "hdl", "s4": "cholesterol_by_hdl"}
    names |= {"s5": "log_triglycerides", "s6": "glucose", "bp": "blood_pressure"}
    frame = found.data.rename(columns=names).assign(progression=found.target)
    return bytes(frame.to_csv(index=False), "utf-8")


def _python_docs() -> bytes:
    """The same for each release of Python."""
    library = Path(sysconfig.get_path("stdlib"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["text", "module"])
    seen: set[str] = set()
    for module, place in DOCUMENTED.items():
        for source in _sources(library / place):
            for paragraph in _paragraphs(source):
                if paragraph not in seen:
                    seen.add(paragraph)
                    writer.writerow([paragraph, module])
    return text.getvalue().encode()


def _sources(place: Path) -> list[Path]:
    found = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return [path for path in found if path.is_file() and "test" not in path.parts]


def _paragraphs(source: Path) -> Iterator[str]:
    """What the docstrings of a source say, a paragraph each, without line ends."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, DOCUMENTABLE):
            for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                line = " ".join(paragraph.split())
                if len(line) >= SHORTEST_TEXT and line.isprintable():
                    yield line


TABLES: dict[str, Callable[[], bytes]] = {
    "digits": _digits,
    "breast-cancer": _breast_cancer,
    "wine": _wine,
    "diabetes": _diabetes,
    "python-docs": _python_docs,
}
