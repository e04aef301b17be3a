"""The page behind the link of a notice: no session, no navigation, one endpoint's name.

Looking changes nothing: mail programs open links before people do. Only the button answers.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from core.errors import Conflict
from core.http import sealed
from endpoints import notice_links
from endpoints.models import Notice


# No session carries any power here, so there is nothing that a forged request could use.
@csrf_exempt
@sealed
def notice_link(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    notice = notice_links.find(token, now)
    if notice is None:
        return _nothing(request)
    if request.method in ("GET", "HEAD"):
        return _page(request, notice)
    choice = request.POST.get("answer", "") if request.method == "POST" else ""
    if choice not in notice_links.DAYS:
        return _nothing(request)
    try:
        is_first = notice_links.answer(notice, choice, now)
    except Conflict:  # gone a moment ago
        is_first = False
    return _page(request, notice, choice) if is_first else _nothing(request)


def _page(request: HttpRequest, notice: Notice, done: str = "") -> HttpResponse:
    now = timezone.now()
    context = {
        "name": notice.item.endpoint.name,
        "goes_at": notice.item.goes_at if notice.item.state == "notified" else None,
        "until": {name: now + timedelta(days=days) for name, days in notice_links.DAYS.items()},
        "done": done,
    }
    return render(request, "endpoints/notice_link.html", context)


def _nothing(request: HttpRequest) -> HttpResponse:
    return render(request, "endpoints/notice_gone.html", status=404)
