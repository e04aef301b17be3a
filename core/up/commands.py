"""What `up` runs, one function per process: the command and how to see that it is ready."""

import http.client
import json
import sys
from pathlib import Path

PYTHON = sys.executable
LOCALAWS_HEALTH = "/_localaws/health"
STREAM_SECONDS = 2  # what open event streams get before they are cut
WORKER_ENVIRONMENT = {
    # SIGTERM puts a running task back on the queue instead of waiting for its end.
    "REMAP_SIGTERM": "SIGQUIT",
    # Celery's advice against root is for servers; here the person chose.
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}


def localaws(data_dir: Path, port: int, *, scripts: bool) -> list[str]:
    directory = str(data_dir / "localaws")
    allowed = ["--allow-scripts"] if scripts else []
    return [PYTHON, "-m", "localaws", "--port", str(port), "--data", directory, *allowed]


def localaws_credentials(data_dir: Path) -> tuple[str, str]:
    """Return (access key id, secret access key), which localaws generates at its first start."""
    content = json.loads((data_dir / "localaws" / "credentials.json").read_text())
    return content["access_key_id"], content["secret_access_key"]


def web(host: str, port: int) -> list[str]:
    # Without access log: its lines would carry sign-in links and share tokens.
    return [
        *(PYTHON, "-m", "uvicorn", "mlconsole.asgi:application"),
        *("--host", host, "--port", str(port), "--log-level", "warning"),
        *("--timeout-graceful-shutdown", str(STREAM_SECONDS)),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers", "--lifespan", "off"),
    ]


def worker(name: str, queue: str) -> list[str]:
    return [
        *(PYTHON, "-m", "celery", "--quiet", "-A", "mlconsole", "worker"),
        *("--hostname", f"{name}@%h", "--queues", queue),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]


def beat(data_dir: Path) -> list[str]:
    return [
        *(PYTHON, "-m", "celery", "--quiet", "-A", "mlconsole", "beat", "--loglevel", "WARNING"),
        *("--schedule", str(data_dir / "beat-schedule"), "--pidfile", ""),
    ]


def manage(command: str) -> list[str]:
    return [PYTHON, "manage.py", command]


def get(port: int, path: str, *, host: str = "127.0.0.1", name: str = "127.0.0.1") -> int:
    """Return the status of a GET on this machine, 0 when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": name})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
