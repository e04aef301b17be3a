"""Questions to an endpoint."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from core.errors import UserError
from core.http import page, page_object
from endpoints.forms import AskForm
from endpoints.models import Endpoint
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
    """The try-it form's columns, or rows in its text box or a file, answered by the model."""
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    form = AskForm(request.POST, columns=columns_of(recipe_of(endpoint)))
    typed = request.POST.get("csv")
    answer = _asked(request, endpoint, form)
    if request.headers.get("HX-Request"):
        # htmx shows only successful answers; the fragment says what went wrong.
        return page(request, "endpoints/_answer.html", answer)
    context = detail_of(request, endpoint, **answer, csv=typed or "")
    if typed is None and form.sources:
        context["ask_form"] = form
    problem = answer.get("problem")
    return page(
        request, "endpoints/detail.html", context, status=problem.status if problem else 200
    )


def _asked(request: HttpRequest, endpoint: Endpoint, form: AskForm) -> dict[str, Any]:
    try:
        prediction = _predicted(request, endpoint, form)
    except UserError as error:
        return {"problem": error}
    return {"prediction": prediction, "answers": _answers(prediction)}


def _predicted(request: HttpRequest, endpoint: Endpoint, form: AskForm) -> Prediction:
    typed, file = request.POST.get("csv"), request.FILES.get("rows")
    if typed is None:
        return predict(endpoint, instances=[form.row()])
    body = file.read(BODY_LIMIT + 1) if isinstance(file, UploadedFile) else typed.encode()
    if content_type := request.POST.get("content_type", ""):
        return predict_raw(endpoint, body, content_type)
    return predict_text(endpoint, body.decode("utf-8-sig", errors="replace"))


def _answers(prediction: Prediction) -> list[dict[str, Any]]:
    return [
        {"answer": answer, "top": prediction.top(answer)}
        for answer in prediction.answers[:SHOWN_ROWS]
    ]
