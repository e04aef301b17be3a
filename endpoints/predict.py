"""Asking an endpoint about a few rows, as the try-it panel and the API do."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import User

from aws import runtime
from aws.errors import AwsError, Denied, ModelError, NotFound, Unavailable
from aws.types import Invocation
from core.errors import TooLarge, UserError
from datasets.models import Preparation
from endpoints import history, inputs, requests
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
    accept: str = ""
    sizes: tuple[int, int] = (0, 0)  # bytes of the request and of the response
    recipe: Preparation | None = field(default=None, repr=False)

    def top(self, answer: Answer) -> list[tuple[str, float]]:
        return top(answer, self.recipe)


def predict(
    endpoint: Endpoint,
    *,
    csv: str = "",
    instances: Sequence[Any] | None = None,
    by: User | None = None,
) -> Prediction:
    """Ask about one row or several, as CSV text or as `instances` (lists, or objects by column).

    `by` asks: what goes over the wire is kept in the history, failures too. WrongInput when rows
    do not fit the model, NotServing when the endpoint does not answer now, ModelRefused when the
    container fails, TooLarge beyond 6 MiB, NoAnswer when AWS does not.
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
    manner = requests.talkative(algorithm_of(endpoint))
    body = manner.body([",".join(row) for row in rows])
    _bounded(len(body))
    answer = _ask(endpoint, manner, body, by)
    answers: list[Answer] = []
    try:
        answers = decode(recipe, answer.body, answer.content_type, rows=len(rows))
    except Unreadable as error:
        if not is_own(endpoint):
            hint = "The raw response is not in a format known here."
            raise ModelRefused(str(error), hint) from error
    return _told(answer, manner, body, answers, recipe)


def predict_text(endpoint: Endpoint, text: str, by: User | None = None) -> Prediction:
    """Ask about rows in CSV or JSON, told by their first sign; of texts one a line.

    Raises as `predict`.
    """
    if text.lstrip()[:1] not in ("[", "{"):
        if columns_of(recipe_of(endpoint)).is_text:
            lines = [[line.strip()] for line in text.splitlines() if line.strip()]
            return predict(endpoint, instances=lines, by=by)
        return predict(endpoint, csv=text, by=by)
    _bounded(len(text))
    try:
        instances = inputs.instances_of(text)
    except inputs.Misfit as error:
        raise WrongInput(str(error), field="csv") from error
    return predict(endpoint, instances=instances, by=by)


def predict_raw(  # noqa: PLR0913  # a request has this many independent parts
    endpoint: Endpoint,
    body: bytes,
    content_type: str,
    accept: str = "",
    *,
    component: str = "",
    reads: bool = False,
    by: User | None = None,
) -> Prediction:
    """Ask with a body as it stands; the answer stands for itself, unless one `reads` it.

    `component` names the one to ask, of an endpoint that runs inference components.

    Without `accept` the answer is wanted in the format of the question, where models have it.
    Raises as `predict`.
    """
    _bounded(len(body))
    plain = content_type.partition(";")[0].strip().lower()
    _header("content_type", plain)
    if not accept:
        accept = plain if plain in (requests.CSV, requests.JSON) else "*/*"
    _header("accept", accept.strip())
    manner = Manner(content_type.strip(), accept.strip(), lambda _: body)
    answer, recipe = _ask(endpoint, manner, body, by, component), recipe_of(endpoint)
    answers: list[Answer] = []
    if reads:
        with contextlib.suppress(Unreadable):
            answers = decode(recipe, answer.body, answer.content_type)
    return _told(answer, manner, body, answers, recipe)


def _header(field_name: str, value: str) -> None:
    if not value.isascii() or not value.isprintable() or "/" not in value:
        raise WrongInput("A content type looks like application/json.", field=field_name)


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
        accept=manner.accept,
        sizes=(len(body), len(answer.body)),
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


def _bounded(size: int) -> None:
    if size > BODY_LIMIT:
        raise TooLarge("At most 6 MB at once.", "Send fewer rows, or evaluate a split.")


def _ask(
    endpoint: Endpoint, manner: Manner, body: bytes, by: User | None, component: str = ""
) -> Invocation:
    if endpoint.status not in SERVING:
        raise NotServing(f"The endpoint is {endpoint.status}.", "It answers once it is InService.")
    began = time.perf_counter()
    try:
        answer = runtime.invoke_endpoint(
            endpoint.workspace.account,
            endpoint.aws_name,
            body,
            content_type=manner.content_type,
            accept=manner.accept,
            component=component,
            timeout=PATIENCE,
        )
    except AwsError as error:
        milliseconds = (time.perf_counter() - began) * 1000
        said = Invocation(_reason(error).encode(), "text/plain", component, milliseconds)
        history.keep(endpoint, manner, body, said, by=by, status=error.status)
        raise _refusal(endpoint, error) from error
    # Of components the one that was asked: with it the question can be asked again.
    kept = replace(answer, variant=component) if component else answer
    history.keep(endpoint, manner, body, kept, by=by)
    return answer


def _reason(error: AwsError) -> str:
    """What was said instead of an answer: by the container, else by AWS."""
    told = error.original_message if isinstance(error, ModelError) else ""
    return told or error.message


def _refusal(endpoint: Endpoint, error: AwsError) -> UserError:
    if isinstance(error, NotFound):
        return NotServing("The endpoint does not answer (any more).", error.message)
    if isinstance(error, ModelError):
        logs = f"Its log group is /aws/sagemaker/Endpoints/{endpoint.aws_name}."
        return ModelRefused(f"The model could not answer: {_reason(error)}", logs)
    if isinstance(error, Unavailable):
        return NoAnswer("The endpoint did not answer in time.", error.message)
    if isinstance(error, Denied):
        return NoAnswer("AWS refused the call.", error.message)
    return NoAnswer("The call failed.", error.message)
