"""What one machine keeps in its data directory: generated secrets, and where `up` listens.

No Django here: the settings module imports this one.
"""

import contextlib
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SECRETS_FILE = "secrets.json"
RUNTIME_FILE = "runtime.json"


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
        return Runtime(**json.loads((data_dir / RUNTIME_FILE).read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None


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
