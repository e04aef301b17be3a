"""Python that turns a model's response into labels, to be copied into programs elsewhere. Pure.

What it decodes is what `endpoints.answers` decodes, for one kind of model each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RAW = "raw"
# Needs `json`: the responses that are JSON.
_SOURCES: Mapping[str, str] = {
    RAW: """\
def read(text):
    try:
        return json.loads(text)
    except ValueError:
        return text
""",
    "number": """\
def read(text):
    return [{"value": float(cell)} for cell in text.replace(",", " ").split()]
""",
    "code": """\
def read(text):
    return [{"label": LABELS[int(float(cell))]} for cell in text.replace(",", " ").split()]
""",
    "margin": """\
def read(text):
    scores = [float(cell) for cell in text.replace(",", " ").split()]
    return [{"label": LABELS[score > 0], "margin": score} for score in scores]
""",
    "probability": """\
def read(text):
    scores = [float(cell) for cell in text.replace(",", " ").split()]
    return [
        {"label": LABELS[score >= 0.5], "probability": max(score, 1 - score)} for score in scores
    ]
""",
    "probabilities": """\
def read(text):
    return [best(line.strip("[] ")) for line in text.strip().replace("],[", "\\n").splitlines()]


def best(line):
    ranked = sorted(zip(map(float, line.split(",")), LABELS, strict=True), reverse=True)
    top = [{"label": label, "probability": share} for share, label in ranked[:3]]
    return top[0] | {"top": top}
""",
    "decided": """\
def read(text):
    return [
        {"label": LABELS[int(found["predicted_label"])], "score": found["score"]}
        for found in json.loads(text)["predictions"]
    ]
""",
    "decided-probabilities": """\
def read(text):
    return [best(found) for found in json.loads(text)["predictions"]]


def best(found):
    ranked = sorted(zip(found["score"], LABELS, strict=True), reverse=True)
    top = [{"label": label, "probability": share} for share, label in ranked[:3]]
    return {"label": LABELS[int(found["predicted_label"])], "top": top}
""",
    "score": """\
def read(text):
    return [{"value": found["score"]} for found in json.loads(text)["predictions"]]
""",
    "neighbours": """\
def read(text):
    return [vote(found) for found in json.loads(text)["predictions"]]


def vote(found):
    near = sorted(zip(found["distances"], found["labels"], strict=True))
    neighbours = [
        {"label": LABELS[int(code)], "distance": distance} for distance, code in near
    ]
    return {"label": LABELS[int(found["predicted_label"])], "neighbours": neighbours}
""",
    "neighbours-number": """\
def read(text):
    return [{"value": found["predicted_label"]} for found in json.loads(text)["predictions"]]
""",
    "cluster": """\
def read(text):
    return [
        {"cluster": int(found["closest_cluster"]), "distance": found["distance_to_cluster"]}
        for found in json.loads(text)["predictions"]
    ]
""",
    "projection": """\
def read(text):
    return [{"vector": found["projection"]} for found in json.loads(text)["projections"]]
""",
    "anomaly": """\
def read(text):
    return [{"anomaly_score": found["score"]} for found in json.loads(text)["scores"]]
""",
    "words": """\
def read(text):
    return [best(found) for found in json.loads(text)]


def best(found):
    words = [word.removeprefix("__label__") for word in found["label"]]
    top = [
        {"label": LABELS.get(word, word), "probability": share}
        for word, share in zip(words[:3], found["prob"], strict=False)
    ]
    return top[0] | {"top": top}
""",
}
_BY_ALGORITHM = {
    "kmeans": "cluster",
    "pca": "projection",
    "randomcutforest": "anomaly",
    "blazingtext": "words",
}
_OBJECTIVES = {"multi:softmax": "code", "binary:hinge": "code", "binary:logitraw": "margin"}


@dataclass(frozen=True)
class Decoder:
    """`kind` is one of the above; `labels` by code, `words` by the model's word for them."""

    kind: str = RAW
    labels: Sequence[str] = ()
    words: Mapping[str, str] | None = None

    @property
    def source(self) -> str:
        """Of `read(text)`: one dictionary a row; without classes no LABELS before it."""
        code = _SOURCES[self.kind]
        if "LABELS" not in code:
            return code
        # ascii(): one line of code, whatever a label holds.
        return f"LABELS = {dict(self.words or {}) or list(self.labels)!a}\n\n\n{code}"

    @property
    def needs_json(self) -> bool:
        return "json." in _SOURCES[self.kind]


def kind_of(algorithm: str, task: str, objective: str = "") -> str:
    """Which response a model gives; `RAW` for programs of one's own and unknown models."""
    if algorithm in _BY_ALGORITHM:
        return _BY_ALGORITHM[algorithm]
    is_class = task in ("binary", "multiclass")
    if algorithm == "xgboost":
        usual = {"binary": "probability", "multiclass": "probabilities"}.get(task, "number")
        return _OBJECTIVES.get(objective, usual)
    if algorithm == "knn":
        return "neighbours" if is_class else "neighbours-number"
    if algorithm in ("linear-learner", "factorization-machines"):
        return {"binary": "decided", "multiclass": "decided-probabilities"}.get(task, "score")
    return RAW
