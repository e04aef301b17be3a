"""Is it alive, and does everything behind it answer?"""

import functools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from aws import sts
from aws.clients import Account
from aws.errors import AwsError
from core.models import Heartbeat, Workspace
from core.tasks import CANARY

CANARY_STALE_AFTER = timedelta(seconds=20)
BROKER_SECONDS = 1.0
AWS_SECONDS = 2.0
AWS_REMEMBERED_SECONDS = 5.0


class Unhealthy(Exception):
    """Says in a few words what is wrong; visitors see it, so no addresses and no secrets."""


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while this process answers, whatever else is down."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """One JSON line per check; 200 when all are well, else 503."""
    lines = list(_lines())
    healthy = all(line["ok"] for line in lines)
    body = "".join(json.dumps(line) + "\n" for line in lines)
    status = 200 if healthy else 503
    response = HttpResponse(body, status=status, content_type="application/x-ndjson")
    # Whoever polls this logs it; Django would write an error line for every 503.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - no public way
    return response


def _lines() -> Iterator[dict[str, object]]:
    checks: dict[str, Callable[[], None]] = {
        "web": lambda: None,
        "database": database,
        "broker": broker,
        "worker": worker,
        "aws": aws,
    }
    for name, check in checks.items():
        started = time.monotonic()
        problem = ""
        try:
            check()
        except Unhealthy as error:
            problem = str(error)
        except DatabaseError:
            problem = "the database does not answer"
        line = {"check": name, "ok": not problem, "ms": round((time.monotonic() - started) * 1e3)}
        yield line | {"problem": problem} if problem else line


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker() -> None:
    try:
        _broker().ping()
    except redis.RedisError as error:
        raise Unhealthy("the broker does not answer") from error


def worker() -> None:
    """The canary, which beat sends every few seconds, came through broker and worker."""
    last = Heartbeat.objects.filter(name=CANARY).first()
    if last is None:
        raise Unhealthy("no worker has run the canary yet")
    age = timezone.now() - last.at
    if age > CANARY_STALE_AFTER:
        raise Unhealthy(f"no worker has run the canary for {age.total_seconds():.0f} s")


def aws() -> None:
    workspace = Workspace.objects.order_by("pk").first()
    if workspace is None:
        return
    # A client's own timeouts and retries would take too long, so somebody else waits for them.
    period = int(time.monotonic() / AWS_REMEMBERED_SECONDS)
    call = _caller.submit(_identify, workspace.account, period)
    try:
        call.result(AWS_SECONDS)
    except AwsError as error:
        raise Unhealthy(f"AWS answers {type(error).__name__}") from error
    except TimeoutError as error:
        call.cancel()
        raise Unhealthy(f"AWS does not answer within {AWS_SECONDS:g} s") from error


# One thread: while a call hangs the next ones wait behind it, time out and are withdrawn.
_caller = ThreadPoolExecutor(1, thread_name_prefix="health")


@functools.lru_cache(maxsize=4)
def _identify(account: Account, period: int) -> None:
    """Ask AWS who we are, at most once per `period`; failures are not remembered."""
    sts.caller_identity(account)


@functools.cache
def _broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=BROKER_SECONDS,
        socket_timeout=BROKER_SECONDS,
        retry=None,
    )
