"""The pages behind a share link: no session, no navigation, only what the link shows."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.csrf import csrf_exempt

from core.errors import TooMany
from core.http import SEALED
from results import blocks, charts, downloads, threshold, visit
from results.matrix import ORDERS, VIEWS
from results.models import Share
from results.report import report
from results.snapshot import Snapshot

COOKIE = "share"
UNLOCKED_SECONDS = 60 * 60
FILES = "/s/-/file/"  # stands for the link's own: a page that is kept holds no token
AGAIN_SECONDS = 5 * 60  # an embedded figure asks so often whether it may still be seen
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {frames}"
)
View = Callable[..., HttpResponse]


def _sealed(view: View) -> View:
    """Under the headers of a page behind a secret link, whatever `view` says.

    No session carries any power here, so there is nothing that a forged request could use.
    """

    @csrf_exempt
    @wraps(view)
    def sealed(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        policy = response.get("Content-Security-Policy", POLICY.format(frames="'none'"))
        for name, value in (SEALED | {"Content-Security-Policy": policy}).items():
            response[name] = value
        return response

    return sealed


@_sealed
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
    if request.method == "GET":
        visit.count(share, now=now)
    return _show(request, share, now)


@_sealed
def embedded(request: HttpRequest, token: str) -> HttpResponse:
    """One figure in a frame of the one page that may have it; it sees and sets no cookie."""
    now = timezone.now()
    share = visit.find(token, now=now)
    if request.method not in ("GET", "HEAD") or share is None or not share.embed_origin:
        return _framed(_nothing(request), "*")
    if request.method == "GET" and "again" not in request.GET:
        visit.count(share, now=now)
    found = visit.shown(share, now=now)
    context = _context(share, found) | {"drawn": blocks.drawn_all(found["blocks"])}
    response = render(request, "results/public_embed.html", context)
    response["Refresh"] = f"{AGAIN_SECONDS}; url=?again=1"
    return _framed(response, share.embed_origin)


@_sealed
def download(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """What the link shows as a file, where its owner allows that."""
    now = timezone.now()
    share = visit.find(token, now=now)
    if share is None or not share.allow_download or request.method not in ("GET", "HEAD"):
        return _nothing(request)
    if share.password and not _is_unlocked(request, share):
        return redirect("public:shared", token)
    found = visit.shown(share, now=now)
    if form not in downloads.forms(found):
        return _nothing(request)
    try:
        visit.take_file(share)
    except TooMany as error:
        return render(request, "results/public_busy.html", {"error": error}, status=429)
    file = downloads.made(form, found, title=share.name)
    response = HttpResponse(file.content, content_type=file.content_type)
    name = f"{slugify(share.name)[:60] or 'result'}.{file.extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@_sealed
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    return _nothing(request)


def _nothing(request: HttpRequest) -> HttpResponse:
    return render(request, "results/public_gone.html", status=404)


def _framed(response: HttpResponse, frames: str) -> HttpResponse:
    response["Content-Security-Policy"] = POLICY.format(frames=frames)
    response.xframe_options_exempt = True  # read by Django's middleware
    return response


def _show(request: HttpRequest, share: Share, now: datetime) -> HttpResponse:
    view, order = request.GET.get("view", ""), request.GET.get("order", "")
    look = (view if view in VIEWS else "counts", order if order in ORDERS else "name")
    if share.is_live:
        html = _page(share, visit.shown(share, now=now), *look)
    else:
        terms = (share.digest, share.name, share.expires_at)
        html = _frozen(*terms, look, allow_download=share.allow_download)
    return HttpResponse(html.replace(FILES, f"{request.path}/file/"))


@lru_cache(maxsize=128)
def _frozen(
    digest: str, name: str, expires_at: datetime, look: tuple[str, str], *, allow_download: bool
) -> str:
    """The page of a frozen link: nothing but these can change it, so it is drawn once."""
    share = Share.objects.get(digest=digest)
    return _page(share, share.snapshot, *look)


def _page(share: Share, found: Snapshot, view: str, order: str) -> str:
    context = _context(share, found)
    if share.allow_download:
        forms = downloads.forms(found)
        context["files"] = [(label, f"{FILES}{form}") for form, label in forms.items()]
    if "blocks" in found:
        context["drawn"] = blocks.drawn_all(found["blocks"])
        return render_to_string("results/public_report.html", context)
    context |= {
        "report": report(found, view=view, order=order),
        "charts": charts.charts(found),
        "views": VIEWS,
        "orders": ORDERS,
        "thresholds": threshold.offered(found),
    }
    return render_to_string("results/public_result.html", context)


def _context(share: Share, found: Snapshot) -> dict[str, object]:
    return {
        "title": share.name,
        "is_live": share.is_live,
        "result": found,
        "taken_at": datetime.fromisoformat(found["taken_at"]),
        "expires_at": share.expires_at,
    }


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
