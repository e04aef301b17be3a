"""What a page offers to ask an endpoint with."""

import secrets
from typing import Any

from django.http import HttpRequest

from core.errors import UserError
from core.models import Workspace
from datasets.models import Preparation
from endpoints import inputs, requests, snippets
from endpoints.forms import FORM_COLUMNS, AskForm
from endpoints.models import Endpoint
from endpoints.predict import algorithm_of, example

SHOWN_ROWS = 50
MAX_EXAMPLE = 500


def trying(
    request: HttpRequest, recipe: Preparation | None, columns: inputs.Columns
) -> dict[str, Any]:
    """The try-it form, filled with the dataset's first row, or with an unseen one on request."""
    if recipe is None or not 0 < len(columns.inputs) <= FORM_COLUMNS or columns.encoding is None:
        return {"ask_form": None, "header": ", ".join(columns.inputs[:SHOWN_ROWS])}
    cells, label, problem = _first_row(recipe), "", None
    number = request.GET.get("example", "")
    if number.isdigit():
        try:
            found = example(recipe, int(number))
            cells, label = found.cells, found.label
        except UserError as error:
            problem = error
    return {
        "ask_form": AskForm.filled(columns, cells),
        "actual": label,
        "other_example": secrets.randbelow(MAX_EXAMPLE),
        "example_problem": problem,
        "header": ",".join(columns.inputs),
    }


def _first_row(recipe: Preparation) -> dict[str, str]:
    preview = recipe.dataset.preview
    rows = preview.get("rows") or [[]]
    return dict(zip(preview.get("columns", []), rows[0], strict=False))


def calls(
    endpoint: Endpoint, recipe: Preparation | None, columns: inputs.Columns
) -> dict[str, str]:
    try:
        (cells,) = inputs.fit([_first_row(recipe)], columns) if recipe else [["1.0", "2.0"]]
    except inputs.Misfit:
        cells = ["0"] * len(columns.features)
    manner = requests.manner(algorithm_of(endpoint))
    call = (
        *(endpoint.aws_name, endpoint.workspace.region),
        *(manner.body([",".join(cells)]).decode(), manner.content_type),
    )
    is_local = endpoint.workspace.kind == Workspace.Kind.LOCAL
    return {
        "boto3": snippets.boto3_call(*call),
        "curl": snippets.curl_call(*call, is_local=is_local),
    }
