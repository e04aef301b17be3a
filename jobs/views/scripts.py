"""A job of one's own: a script for a framework's image, or a whole image."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from core.http import actor_of, page
from core.models import Role


@require_http_methods(["GET", "POST"])
def script_new(request: HttpRequest) -> HttpResponse:
    """`?kind=` is scikit-learn, pytorch, tensorflow or image."""
    actor_of(request).need(Role.MEMBER)
    return page(request, "jobs/script_new.html", {})
