"""Home knows every stretch of the flow, so it stands with the wiring."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from core.http import actor_of, page


@login_required
def home(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    return page(request, "home.html", {"who": who})
