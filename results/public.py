"""The page behind a share link: no session, no navigation, only the frozen snapshot of its row."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from core.errors import TooMany
from core.http import sealed
from results import visit
from results.matrix import VIEWS
from results.models import Share
from results.report import report

COOKIE = "share"
UNLOCKED_SECONDS = 60 * 60


# No session carries any power here, so there is nothing that a forged request could use.
@csrf_exempt
@sealed
def shared(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    share = visit.find(token, now=now)
    if share is None:
        return _nothing(request)
    if request.method == "POST" and share.password:
        return _try_password(request, share)
    if request.method not in ("GET", "HEAD"):
        return _nothing(request)
    if share.password and not _is_unlocked(request, share):
        return _ask_password(request)
    return _show(request, share, now)


def _nothing(request: HttpRequest) -> HttpResponse:
    return render(request, "results/public_gone.html", status=404)


def _show(request: HttpRequest, share: Share, now: datetime) -> HttpResponse:
    if request.method == "GET":
        visit.count(share, now=now)
    found = share.snapshot
    context = {
        "title": found["title"],
        "result": found,
        "taken_at": datetime.fromisoformat(found["taken_at"]),
        "expires_at": share.expires_at,
        "views": VIEWS,
        "report": report(found, view=request.GET.get("view", "counts")),
    }
    return render(request, "results/public_result.html", context)


def _ask_password(request: HttpRequest, problem: str = "", *, status: int = 200) -> HttpResponse:
    return render(request, "results/public_password.html", {"problem": problem}, status=status)


def _try_password(request: HttpRequest, share: Share) -> HttpResponse:
    client = get_adapter(request).get_client_ip(request)
    try:
        is_right = visit.unlock(share, request.POST.get("password", ""), client=client)
    except TooMany as error:
        return _ask_password(request, f"{error.message} {error.hint}", status=429)
    if not is_right:
        return _ask_password(request, "That is not the password.", status=403)
    response = redirect(request.path)
    response.set_signed_cookie(
        COOKIE,
        "unlocked",
        salt=_salt(share),
        max_age=UNLOCKED_SECONDS,
        path=request.path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _is_unlocked(request: HttpRequest, share: Share) -> bool:
    found = request.get_signed_cookie(
        COOKIE, default=None, salt=_salt(share), max_age=UNLOCKED_SECONDS
    )
    return found == "unlocked"


def _salt(share: Share) -> str:
    """Binds the cookie to this link and this password."""
    return f"results.share:{share.pk}:{share.password}"
