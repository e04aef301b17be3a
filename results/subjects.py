"""What is evaluated, an endpoint or a model, and what its answers can be compared with."""

from datasets.models import Preparation
from endpoints.models import Endpoint, RegisteredModel
from results.errors import EndpointNotReady, NotComparable, UnknownSplit
from results.models import Evaluation

Subject = Endpoint | RegisteredModel
COMPARED = ("binary", "multiclass", "regression")
WITHOUT = {"kmeans": "clustering", "randomcutforest": "anomaly"}
MOST_LABELS = 1_000


def of(endpoint: Endpoint | None, model: RegisteredModel | None) -> Subject:
    """The one that was given; NotComparable for none."""
    if found := endpoint or model:
        return found
    raise NotComparable("Choose an endpoint, or a model.", field="endpoint")


def model_of(subject: Subject) -> RegisteredModel | None:
    return subject.model if isinstance(subject, Endpoint) else subject


def trained_on(subject: Subject) -> Preparation | None:
    """None where the console does not know: somebody imported or made it elsewhere."""
    model = model_of(subject)
    return model.job.preparation if model and model.job else None


def algorithm_of(subject: Subject, preparation: Preparation) -> str:
    model = model_of(subject)
    return model.job.algorithm if model and model.job else preparation.algorithm


def task(subject: Subject, preparation: Preparation) -> str:
    """binary, multiclass, regression, clustering or anomaly; "" for what cannot be compared."""
    if preparation.task != Preparation.Task.CLUSTERING:
        return preparation.task
    return WITHOUT.get(algorithm_of(subject, preparation), "")


def task_of(evaluation: Evaluation) -> str:
    return task(evaluation.subject, evaluation.preparation)


def is_text(preparation: Preparation) -> bool:
    features = preparation.encoding.get("features") or [{}]
    return features[0].get("kind") in ("text", "words")


def check(
    subject: Subject, preparation: Preparation | None, split: str, known: str = ""
) -> Preparation:
    """The preparation to compare with; `split` "" is a file. The error says what does not fit."""
    _ready(subject)
    own = trained_on(subject)
    preparation = preparation or own
    if preparation is None:
        raise NotComparable(
            "The console does not know what this model learned from: choose the preparation whose "
            "columns it reads."
        )
    if preparation.status != Preparation.Status.READY:
        raise NotComparable(f"The preparation {preparation.name} is {preparation.status}.")
    if preparation.workspace_id != subject.workspace_id:
        raise NotComparable("The endpoint and the preparation are in different workspaces.")
    if own is not None and shape(preparation) != shape(own):
        raise NotComparable(f"{subject.name} was trained on other features or labels.")
    if not task(subject, preparation):
        raise NotComparable("This model answers with coordinates: none is right or wrong.")
    found = preparation.channels.get(split)
    if split and (not found or not found["rows"]):
        raise UnknownSplit(split, [name for name, c in preparation.channels.items() if c["rows"]])
    if known:
        _check_known(preparation, known)
    return preparation


def _ready(subject: Subject) -> None:
    if isinstance(subject, Endpoint):
        if subject.status != Endpoint.Status.IN_SERVICE:
            raise EndpointNotReady(subject.name, subject.status)
    elif subject.status != RegisteredModel.Status.REGISTERED:
        raise NotComparable(f"The model {subject.name} is {subject.status}.", field="model")


def shape(preparation: Preparation) -> tuple[object, ...]:
    return preparation.task, preparation.features, preparation.labels


def _check_known(preparation: Preparation, known: str) -> None:
    if preparation.target:
        raise NotComparable(
            f"What is true stands in “{preparation.target}”: the model learned it.", field="known"
        )
    if all(column["name"] != known for column in preparation.dataset.columns):
        raise NotComparable(f"The dataset has no column “{known[:80]}”.", field="known")
