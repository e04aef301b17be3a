"""How an endpoint is called from elsewhere: what is true of its model, put into the snippets."""

from dataclasses import dataclass
from typing import Any

from core.models import Workspace
from datasets.models import Preparation
from datasets.tables.words import TOKEN
from endpoints import idle, inputs, lambda_template, requests, snippets
from endpoints.decoders import RAW, Decoder, kind_of
from endpoints.errors import NotServing
from endpoints.examples import first_row
from endpoints.models import Endpoint
from endpoints.predict import algorithm_of, columns_of, recipe_of
from endpoints.snippets import Call

WAYS = {
    "boto3": "Python, boto3",
    "curl": "curl",
    "sdk": "SageMaker SDK 2",
    "sdk3": "SageMaker SDK 3",
    "lambda": "HTTP API",
}
_LANGUAGES = {
    "boto3": snippets.boto3_call,
    "curl": snippets.curl_call,
    "sdk": snippets.sdk2_call,
    "sdk3": snippets.sdk3_call,
}


@dataclass(frozen=True)
class Facts:
    """What whoever calls must know; `columns` are the first of the `width` that the model reads."""

    content_type: str
    accept: str
    columns: list[str]
    width: int
    is_text: bool
    is_known: bool  # whether the console knows what it was trained on
    decodes: bool  # whether the snippets turn answers into labels


def is_later(endpoint: Endpoint) -> bool:
    """Whether it answers asynchronously, into S3: nobody waits for that at a page."""
    return endpoint.kind == idle.ASYNC


def ways(endpoint: Endpoint) -> dict[str, str]:
    """How it can be called, by the names that addresses use."""
    return {"boto3": WAYS["boto3"]} if is_later(endpoint) else WAYS


def way_of(endpoint: Endpoint, name: str) -> str:
    """The way that an address asks for."""
    return name if name in ways(endpoint) else "boto3"


def snippet(endpoint: Endpoint, way: str) -> str:
    """The text to copy; for the HTTP API the template to save."""
    if is_later(endpoint):
        return snippets.async_call(call(endpoint))
    if way == "lambda":
        return template(endpoint)
    return _LANGUAGES[way](call(endpoint))


def facts(endpoint: Endpoint) -> Facts:
    question, recipe = call(endpoint), recipe_of(endpoint)
    return Facts(
        content_type=question.content_type,
        accept=question.accept,
        columns=list(recipe.features[: lambda_template.NAMED]) if recipe else [],
        width=len(recipe.features) if recipe else 0,
        is_text=columns_of(recipe).is_text,
        is_known=recipe is not None,
        decodes=question.decoder.kind != RAW,
    )


def call(endpoint: Endpoint) -> Call:
    """A question about the dataset's first row, as the endpoint's own model reads it."""
    recipe, algorithm = recipe_of(endpoint), algorithm_of(endpoint)
    manner = requests.talkative(algorithm)
    return Call(
        name=endpoint.aws_name,
        region=endpoint.workspace.region,
        body=manner.body([",".join(_cells(recipe))]).decode(),
        content_type=manner.content_type,
        accept=manner.accept if recipe else "*/*",
        decoder=_decoder(endpoint, recipe, algorithm),
        component=endpoint.components[0]["name"] if endpoint.components else "",
        is_local=endpoint.workspace.kind == Workspace.Kind.LOCAL,
    )


def template(endpoint: Endpoint) -> str:
    """The CloudFormation template of an HTTP API in front of it; NotServing if it answers later."""
    if is_later(endpoint):
        raise NotServing("An HTTP API cannot wait for asynchronous answers.")
    asked, recipe = call(endpoint), recipe_of(endpoint)
    words: dict[str, Any] = {}
    if recipe and _way(endpoint, recipe) == "texts":
        is_lower = recipe.encoding["features"][0].get("lower", True)
        words = {"token": TOKEN.pattern, "lower": bool(is_lower)}
    features = recipe.features if recipe else ()
    source = lambda_template.handler(asked, _way(endpoint, recipe), features, **words)
    return lambda_template.template(asked, source)


def question(endpoint: Endpoint) -> str:
    """What the HTTP API of `template` is asked with: the snippets' row."""
    recipe = recipe_of(endpoint)
    way, cells = _way(endpoint, recipe), _cells(recipe)
    if recipe and way == "texts":  # as people write them: the function makes words of them
        cells = [first_row(recipe).get(recipe.encoding["features"][0]["name"], "")]
    return lambda_template.question(way, cells, call(endpoint).body)


def _way(endpoint: Endpoint, recipe: Preparation | None) -> str:
    algorithm = algorithm_of(endpoint)
    if recipe is None or call(endpoint).decoder.kind == RAW:
        return "raw"
    if algorithm == "blazingtext":
        return "texts" if columns_of(recipe).is_text else "raw"
    return "features" if algorithm == "factorization-machines" else "csv"


def _decoder(endpoint: Endpoint, recipe: Preparation | None, algorithm: str) -> Decoder:
    job = endpoint.model.job if endpoint.model else None
    if recipe is None or job is None:
        return Decoder()
    labels = [str(label) for label in recipe.labels]
    words = recipe.encoding.get("tokens") or labels
    objective = str(job.hyperparameters.get("objective", ""))
    return Decoder(
        kind_of(algorithm, recipe.task, objective),
        labels,
        dict(zip(words, labels, strict=True)) if algorithm == "blazingtext" else None,
    )


def _cells(recipe: Preparation | None) -> list[str]:
    """The dataset's first row in the channel's columns; zeros when it cannot be put there."""
    if recipe is None:
        return ["1.0", "2.0"]
    columns = columns_of(recipe)
    try:
        (cells,) = inputs.fit([first_row(recipe)], columns)
    except inputs.Misfit:
        return ["0"] * len(columns.features)
    return cells
