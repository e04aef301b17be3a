"""Asking an endpoint about a few rows, as the try-it panel and the API do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from aws import runtime
from aws.errors import AwsError, Denied, ModelError, NotFound, Unavailable
from aws.types import Invocation
from core.errors import TooLarge
from datasets.models import Preparation
from datasets.prepare import split_lines
from endpoints import inputs, requests
from endpoints.answers import Answer, Unreadable, decode, top
from endpoints.errors import ModelRefused, NoAnswer, NotServing, WrongInput
from endpoints.models import Endpoint
from endpoints.requests import Manner
from jobs.catalogue import ALGORITHMS

Status = Endpoint.Status
SERVING = frozenset(
    {Status.IN_SERVICE, Status.UPDATING, Status.SYSTEM_UPDATING, Status.ROLLING_BACK}
)
BODY_LIMIT = runtime.CONTAINER_PAYLOAD_LIMIT
PATIENCE = 30.0  # seconds; a page waits for this
EXAMPLES = 1_000  # rows


@dataclass(frozen=True)
class Prediction:
    """Answers in the rows' order; the raw request and response; milliseconds, network included.

    Without answers the response stands for itself: a program of somebody's own made it.
    """

    answers: list[Answer]
    request: str
    response: str
    content_type: str
    latency_ms: float
    variant: str
    asked_in: str = "text/csv"  # the Content-Type of the request
    recipe: Preparation | None = field(default=None, repr=False)

    def top(self, answer: Answer) -> list[tuple[str, float]]:
        return top(answer, self.recipe)


@dataclass(frozen=True)
class Example:
    """A real row that training has not seen: the dataset's columns, and the label it has."""

    cells: dict[str, str]
    label: str


def predict(
    endpoint: Endpoint, *, csv: str = "", instances: Sequence[Any] | None = None
) -> Prediction:
    """Ask about one row or several, as CSV text or as `instances` (lists, or objects by column).

    WrongInput when they do not fit the model, NotServing when the endpoint does not answer now,
    ModelRefused when the container fails, TooLarge beyond 6 MiB, NoAnswer when AWS does not.
    """
    recipe = recipe_of(endpoint)
    _bounded(len(csv))
    try:
        given = (
            inputs.rows_of_csv(csv) if instances is None else inputs.rows_of_instances(instances)
        )
        rows = inputs.fit(given, columns_of(recipe))
    except inputs.Misfit as error:
        raise WrongInput(str(error), field="csv" if instances is None else "instances") from error
    manner = requests.manner(algorithm_of(endpoint))
    body = manner.body([",".join(row) for row in rows])
    _bounded(len(body))
    answer = _ask(endpoint, manner, body)
    answers: list[Answer] = []
    try:
        answers = decode(recipe, answer.body, answer.content_type, rows=len(rows))
    except Unreadable as error:
        if not is_own(endpoint):
            hint = "The raw response is not in a format known here."
            raise ModelRefused(str(error), hint) from error
    return _told(answer, manner, body, answers, recipe)


def predict_text(endpoint: Endpoint, text: str) -> Prediction:
    """Ask about rows in CSV or JSON, told by their first sign. Raises as `predict`."""
    if text.lstrip()[:1] not in ("[", "{"):
        return predict(endpoint, csv=text)
    _bounded(len(text))
    try:
        instances = inputs.instances_of(text)
    except inputs.Misfit as error:
        raise WrongInput(str(error), field="csv") from error
    return predict(endpoint, instances=instances)


def predict_raw(endpoint: Endpoint, body: bytes, content_type: str) -> Prediction:
    """Ask with a body as it stands; the answer stands for itself, too. Raises as `predict`."""
    _bounded(len(body))
    plain = content_type.partition(";")[0].strip().lower()
    if not plain.isascii() or not plain.isprintable() or "/" not in plain:
        raise WrongInput("A content type looks like application/json.", field="content_type")
    accept = plain if plain in (requests.CSV, requests.JSON) else "*/*"
    manner = Manner(content_type.strip(), accept, lambda _: body)
    return _told(_ask(endpoint, manner, body), manner, body, [], recipe_of(endpoint))


def is_own(endpoint: Endpoint) -> bool:
    """Whether a program of somebody's own answers, in whatever format it likes."""
    job = endpoint.model.job if endpoint.model else None
    return job is not None and job.algorithm not in ALGORITHMS


def _told(
    answer: Invocation,
    manner: Manner,
    body: bytes,
    answers: list[Answer],
    recipe: Preparation | None,
) -> Prediction:
    return Prediction(
        answers=answers,
        request=body.decode(errors="replace"),
        response=answer.body.decode(errors="replace"),
        content_type=answer.content_type,
        latency_ms=answer.latency_ms,
        variant=answer.variant,
        asked_in=manner.content_type,
        recipe=recipe,
    )


def recipe_of(endpoint: Endpoint) -> Preparation | None:
    """The preparation whose columns the endpoint's model reads; None when others made it."""
    job = endpoint.model.job if endpoint.model else None
    return job.preparation if job else None


def algorithm_of(endpoint: Endpoint) -> str:
    """The catalogue's name of what trained the endpoint's model; "" when nobody knows."""
    job = endpoint.model.job if endpoint.model else None
    return job.algorithm if job else ""


def columns_of(recipe: Preparation | None) -> inputs.Columns:
    if recipe is None:
        return inputs.Columns()
    return inputs.Columns(
        features=recipe.features,
        originals=[column["name"] for column in recipe.dataset.columns],
        target=recipe.target,
        encoding=recipe.encoding or None,
    )


def example(recipe: Preparation, number: int) -> Example:
    """Row `number` (counted round) among the first of the test split, read from S3."""
    if "test" not in recipe.channels:
        raise WrongInput("This model's data has no test split.")
    try:
        lines = [line.decode() for line in islice(split_lines(recipe, "test"), EXAMPLES)]
    except AwsError as error:
        raise NoAnswer(f"The test split cannot be read: {error.message}") from error
    label, *cells = lines[number % len(lines)].split(",")
    columns = columns_of(recipe)
    code = round(float(label))
    is_class = 0 <= code < len(recipe.labels)
    return Example(
        inputs.original_of(columns, cells), str(recipe.labels[code]) if is_class else label
    )


def _bounded(size: int) -> None:
    if size > BODY_LIMIT:
        raise TooLarge("At most 6 MB at once.", "Send fewer rows, or evaluate a split.")


def _ask(endpoint: Endpoint, manner: Manner, body: bytes) -> Invocation:
    if endpoint.status not in SERVING:
        raise NotServing(f"The endpoint is {endpoint.status}.", "It answers once it is InService.")
    try:
        return runtime.invoke_endpoint(
            endpoint.workspace.account,
            endpoint.aws_name,
            body,
            content_type=manner.content_type,
            accept=manner.accept,
            timeout=PATIENCE,
        )
    except NotFound as error:
        raise NotServing("The endpoint does not answer (any more).", error.message) from error
    except ModelError as error:
        reason = error.original_message or error.message
        raise ModelRefused(f"The model could not answer: {reason}", _see(endpoint)) from error
    except Unavailable as error:
        raise NoAnswer("The endpoint did not answer in time.", error.message) from error
    except Denied as error:
        raise NoAnswer("AWS refused the call.", error.message) from error
    except AwsError as error:
        raise NoAnswer("The call failed.", error.message) from error


def _see(endpoint: Endpoint) -> str:
    return f"Its log group is /aws/sagemaker/Endpoints/{endpoint.aws_name}."
