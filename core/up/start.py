"""From nothing to a healthy console, and back to nothing."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.core.management import call_command, get_commands
from django.db import connections

from core import first_run, local, signin
from core.up import commands, lock, ports, valkey
from core.up.child import Child
from core.up.console import Console
from core.up.errors import Stopped, UpError
from core.up.supervisor import Supervisor

READY_SECONDS = 20.0
HEALTHY_SECONDS = 60.0


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    sample: bool
    scripts: bool = False  # localaws may run users' scripts, as this user


def run(options: Options, console: Console) -> None:
    """Start everything, keep it running until SIGINT or SIGTERM, stop everything.

    Raises UpError when it cannot start; nothing is left running then.
    """
    if not settings.LOCAL:
        raise UpError("`up` is for MLCONSOLE_MODE=local; for a server see docs/operations.md.")
    data_dir: Path = settings.DATA_DIR
    descriptor = lock.hold(data_dir)
    supervisor = Supervisor(console, descriptor)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.ask_to_stop)
    try:
        _start(options, console, supervisor, data_dir)
        supervisor.watch()
    except Stopped:
        console.say("stopping")
    finally:
        local.withdraw_runtime(data_dir)
        supervisor.stop()
        os.close(descriptor)
    console.say("stopped")


def _start(options: Options, console: Console, supervisor: Supervisor, data_dir: Path) -> None:
    if not ports.is_free(options.port, options.host):
        raise UpError(
            f"Port {options.port} on {options.host} is taken: choose another with --port."
        )
    web_url = f"http://{_visible_host(options.host)}:{options.port}"
    redis_url, broker = _start_broker(supervisor, console, data_dir)
    cloud, cloud_port = _start_localaws(supervisor, data_dir, scripts=options.scripts)
    # Needs neither of the two, and so gives them the time to get ready. Each migration is done as
    # a whole or not at all, so the next start goes on.
    with supervisor.cut_short():
        call_command("migrate", interactive=False, verbosity=0)
    if broker:
        supervisor.wait_for(broker, lambda: valkey.answers(redis_url), READY_SECONDS)
    if cloud:
        supervisor.wait_for(cloud, lambda: _is_up(cloud_port), READY_SECONDS)
    published = _published(data_dir, web_url, redis_url, cloud_port)
    console.hide(published.aws_secret_access_key)
    local.publish_runtime(data_dir, published)
    environment = _environment(data_dir, published, scripts=options.scripts)
    link = _first_run(web_url)
    _start_console(options, supervisor, console, environment)
    console.say(f"mlconsole is ready: {web_url}")
    if link:
        console.say(f"Sign in (once, as admin): {link}")
    if options.sample and "start_sample" in get_commands():
        supervisor.join(Child("sample", commands.manage("start_sample"), environment, once=True))


def _start_broker(
    supervisor: Supervisor, console: Console, data_dir: Path
) -> tuple[str, Child | None]:
    given = os.environ.get("REDIS_URL", "")
    if given:
        if not valkey.answers(given):
            raise UpError("Nothing answers at REDIS_URL: start it, or unset REDIS_URL.")
        return given, None
    password = local.load_secrets(data_dir).valkey_password
    console.hide(password)
    port = ports.claim(data_dir, "valkey")
    broker = Child("valkey", valkey.command(data_dir, port, password), os.environ)
    supervisor.start(broker)
    return valkey.url(port, password), broker


def _start_localaws(
    supervisor: Supervisor, data_dir: Path, *, scripts: bool
) -> tuple[Child | None, int]:
    if os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("MLCONSOLE_AWS") == "amazon":
        return None, 0
    port = ports.claim(data_dir, "localaws")
    child = Child("localaws", commands.localaws(data_dir, port, scripts=scripts), _unbuffered())
    supervisor.start(child)
    return child, port


def _start_console(
    options: Options, supervisor: Supervisor, console: Console, environment: dict[str, str]
) -> None:
    web = Child("web", commands.web(options.host, options.port), environment)
    quits_fast = environment | commands.WORKER_ENVIRONMENT
    worker = Child("worker", commands.worker("worker", "celery"), quits_fast)
    supervisor.start(web, worker)
    supervisor.wait_for(web, lambda: _status(options, "/livez") == 200, READY_SECONDS)
    _wait_healthy(options, supervisor, console)
    # Last: nobody waits for them, and four at once would start more slowly than two.
    supervisor.join(Child("heavy", commands.worker("heavy", "heavy"), quits_fast))
    supervisor.join(Child("beat", commands.beat(settings.DATA_DIR), environment))


def _wait_healthy(options: Options, supervisor: Supervisor, console: Console) -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while _status(options, "/healthz") != 200:
        if time.monotonic() > deadline:
            console.say(f"not healthy after {HEALTHY_SECONDS:g} s: /healthz says what is missing")
            return
        supervisor.revive(time.monotonic())
        supervisor.pause(0.1)


def _first_run(web_url: str) -> str:
    """Return a one-time sign-in link, or nothing once somebody has set a password."""
    admin, _workspace = first_run.ensure()
    nobody = not User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()
    link = signin.issue_link(admin, web_url) if nobody else ""
    connections.close_all()
    return link


def _published(data_dir: Path, web_url: str, redis_url: str, cloud_port: int) -> local.Runtime:
    if not cloud_port:
        return local.Runtime(pid=os.getpid(), web_url=web_url, redis_url=redis_url)
    key_id, secret = commands.localaws_credentials(data_dir)
    return local.Runtime(
        pid=os.getpid(),
        web_url=web_url,
        redis_url=redis_url,
        aws_endpoint_url=f"http://127.0.0.1:{cloud_port}",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_region=os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
    )


def _environment(data_dir: Path, published: local.Runtime, *, scripts: bool) -> dict[str, str]:
    environment = _unbuffered() | {
        "MLCONSOLE_ALLOW_SCRIPTS": str(scripts),
        "MLCONSOLE_DATA_DIR": str(data_dir),
        "REDIS_URL": published.redis_url,
    }
    local.export(published, environment)
    return environment


def _unbuffered() -> dict[str, str]:
    return os.environ | {"PYTHONUNBUFFERED": "1"}


def _is_up(cloud_port: int) -> bool:
    return commands.get(cloud_port, commands.LOCALAWS_HEALTH) == 200


def _status(options: Options, path: str) -> int:
    host = _visible_host(options.host).strip("[]")
    return commands.get(options.port, path, host=host, name=settings.ALLOWED_HOSTS[0])


def _visible_host(host: str) -> str:
    """The address of this machine to show and to probe: a wildcard is none."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is looked up
    return f"[{host}]" if ":" in host else host
