"""What one machine keeps in its data directory: generated secrets, and where `up` listens.

No Django here: the settings module imports this one.
"""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SECRETS_FILE = "secrets.json"
RUNTIME_FILE = "runtime.json"
LOCK_FILE = "up.lock"


@dataclass(frozen=True)
class Secrets:
    secret_key: str = field(repr=False)
    valkey_password: str = field(repr=False)


@dataclass(frozen=True)
class Runtime:
    """Where the services of a running `up` listen; the AWS fields are empty for Amazon."""

    pid: int
    web_url: str
    redis_url: str = field(repr=False)
    aws_endpoint_url: str = ""
    aws_access_key_id: str = field(default="", repr=False)
    aws_secret_access_key: str = field(default="", repr=False)
    aws_region: str = ""


def load_secrets(data_dir: Path) -> Secrets:
    """Return the secrets of `data_dir`, generated at the first call.

    Safe when several processes make the first call at once: all of them return the same secrets.
    """
    path = private_dir(data_dir) / SECRETS_FILE
    if not path.exists():
        generated = Secrets(secrets.token_urlsafe(50), secrets.token_urlsafe(32))
        temporary = _write_private(data_dir, asdict(generated))
        # A hard link, unlike a rename, refuses to replace what another process has just put there.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    return Secrets(**json.loads(path.read_text()))


def runtime(data_dir: Path) -> Runtime | None:
    """Return what the `up` running on `data_dir` published, None when none runs."""
    try:
        published = Runtime(**json.loads((data_dir / RUNTIME_FILE).read_text()))
        lock = (data_dir / LOCK_FILE).open()
    except (FileNotFoundError, NotADirectoryError):
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return published
    # Nobody holds the lock: the file was left behind by a SIGKILL or a power cut.
    return None


def export(published: Runtime, environ: MutableMapping[str, str] = os.environ) -> None:
    """Point AWS clients at the running localaws, unless `environ` names an endpoint itself."""
    if not published.aws_endpoint_url or "AWS_ENDPOINT_URL" in environ:
        return
    environ.update(
        AWS_ENDPOINT_URL=published.aws_endpoint_url,
        AWS_ACCESS_KEY_ID=published.aws_access_key_id,
        AWS_SECRET_ACCESS_KEY=published.aws_secret_access_key,
        AWS_DEFAULT_REGION=published.aws_region,
        AWS_REGION=published.aws_region,
        NO_PROXY=",".join(filter(None, [environ.get("NO_PROXY"), "127.0.0.1,localhost"])),
    )
    for foreign in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
        environ.pop(foreign, None)


def choose_data_dir(arguments: list[str]) -> None:
    """Let `--data-dir DIR` on the command line decide before the settings are read."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data-dir", type=Path)
    chosen = parser.parse_known_args(arguments)[0].data_dir
    if chosen:
        os.environ["MLCONSOLE_DATA_DIR"] = str(chosen.absolute())


def publish_runtime(data_dir: Path, published: Runtime) -> None:
    _write_private(private_dir(data_dir), asdict(published)).replace(data_dir / RUNTIME_FILE)


def withdraw_runtime(data_dir: Path) -> None:
    (data_dir / RUNTIME_FILE).unlink(missing_ok=True)


def private_dir(path: Path) -> Path:
    """Create `path` if needed and close it to other users of the machine."""
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def _write_private(directory: Path, content: dict[str, Any]) -> Path:
    """Write `content` as JSON to a new file in `directory` that only its owner can read (0600)."""
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=".", suffix=".tmp")
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    return Path(name)
