"""Questions to an endpoint."""

from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from core.errors import UserError
from core.http import actor_of, page, page_object
from endpoints import history, idle
from endpoints.errors import WrongInput
from endpoints.examples import Example, example
from endpoints.forms import AskForm
from endpoints.models import Endpoint
from endpoints.pixels import canvas
from endpoints.predict import (
    BODY_LIMIT,
    Prediction,
    columns_of,
    predict,
    predict_raw,
    predict_text,
    recipe_of,
)
from endpoints.views.detail import detail_of

SHOWN_ROWS = 50


@require_POST
def endpoint_ask(request: HttpRequest, uid: str) -> HttpResponse:
    """The try-it form's columns, a drawing, a real row, or rows as text or file, answered."""
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    form = AskForm(request.POST, columns=columns_of(recipe_of(endpoint)))
    answer = _asked(request, endpoint, form)
    if request.headers.get("HX-Request"):
        # htmx shows only successful answers; the fragment says what went wrong.
        fragment = page(request, "endpoints/_answer.html", answer | {"endpoint": endpoint})
        return trigger_client_event(fragment, "asked", after="settle")
    context = detail_of(request, endpoint, **answer, csv=request.POST.get("csv", ""))
    if form.is_filled and form.sources:
        context["ask_form"] = form
    problem = answer.get("problem")
    return page(
        request, "endpoints/detail.html", context, status=problem.status if problem else 200
    )


def _asked(request: HttpRequest, endpoint: Endpoint, form: AskForm) -> dict[str, Any]:
    try:
        real = _real_row(request, endpoint)
        prediction = _predicted(request, endpoint, form, real)
    except UserError as error:
        return {"problem": error}
    return {
        "prediction": prediction,
        "answers": _answers(prediction),
        "real": real,
        "picture": _picture(endpoint, prediction, _cells(request, endpoint, real)),
        "raw": _raw(prediction),
    }


def _real_row(request: HttpRequest, endpoint: Endpoint) -> Example | None:
    """The row of a split that was picked."""
    number, recipe = request.POST.get("example", ""), recipe_of(endpoint)
    if not number.isdecimal() or recipe is None:
        return None
    return example(recipe, int(number))


def _cells(request: HttpRequest, endpoint: Endpoint, real: Example | None) -> dict[str, str]:
    """The picture that was drawn or picked, as the dataset's columns; {} for other questions."""
    if real:
        return real.cells
    easel = canvas(recipe_of(endpoint))
    return easel.row(request.POST.get("pixels", "")) if easel else {}


def _predicted(
    request: HttpRequest, endpoint: Endpoint, form: AskForm, real: Example | None
) -> Prediction:
    by = _user(request)
    if again := request.POST.get("again", ""):
        return _again(endpoint, again, by)
    if cells := _cells(request, endpoint, real):
        return predict(endpoint, instances=[cells], by=by)
    if "pixels" in request.POST:
        raise WrongInput("Nothing was drawn.", "Draw with a mouse, pen or finger, or pick a row.")
    if form.is_filled:
        return predict(endpoint, instances=[form.row()], by=by)
    typed, file = request.POST.get("csv", ""), request.FILES.get("rows")
    body = file.read(BODY_LIMIT + 1) if isinstance(file, UploadedFile) else typed.encode()
    names = ("content_type", "accept", "component")
    content_type, accept, component = (request.POST.get(name, "") for name in names)
    if content_type or accept or component:
        kind = content_type or "text/csv"
        return predict_raw(endpoint, body, kind, accept, component=component, by=by)
    return predict_text(endpoint, body.decode("utf-8-sig", errors="replace"), by)


def _user(request: HttpRequest) -> User:
    return actor_of(request).user


def _again(endpoint: Endpoint, number: str, by: User) -> Prediction:
    asked = endpoint.predictions.filter(pk=int(number)).first() if number.isdecimal() else None
    if asked is None or not asked.is_repeatable:
        raise WrongInput("That request is not here (any more), or not whole.")
    return predict_raw(
        endpoint,
        asked.request.encode(),
        asked.content_type,
        asked.accept,
        component=asked.variant if endpoint.kind == idle.COMPONENTS else "",
        reads=True,
        by=by,
    )


def _answers(prediction: Prediction) -> list[dict[str, Any]]:
    return [
        {
            "answer": answer,
            "top": prediction.top(answer),
            "votes": [
                (label, count, count / len(answer.neighbours)) for label, count in answer.votes
            ],
        }
        for answer in prediction.answers[:SHOWN_ROWS]
    ]


def _picture(endpoint: Endpoint, prediction: Prediction, cells: dict[str, str]) -> str:
    easel = canvas(recipe_of(endpoint)) if cells and prediction.answers else None
    return easel.picture(cells) if easel else ""


def _raw(prediction: Prediction) -> list[dict[str, Any]]:
    """Both bodies as they went over the wire; of long ones the beginning, and how long they are."""
    return [
        {
            "title": "Request",
            "headers": f"Content-Type: {prediction.asked_in} · Accept: {prediction.accept}",
            "bytes": prediction.sizes[0],
            "text": history.cut(prediction.request.encode()),
        },
        {
            "title": "Response",
            "headers": f"Content-Type: {prediction.content_type}",
            "bytes": prediction.sizes[1],
            "text": history.cut(prediction.response.encode()),
        },
    ]
