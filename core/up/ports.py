"""Ports on loopback: is it free, and which one did a service have last time?"""

import json
import random
import socket
from pathlib import Path

from core.up.errors import UpError

PORTS_FILE = "ports.json"
# Below the range from which systems take the ports of outgoing connections.
INTERNAL = range(20_000, 32_000)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def claim(data_dir: Path, name: str) -> int:
    """Return the port that `name` had last time, or a free one, remembered in `data_dir`.

    Other programs (a notebook that talks to localaws) hold on to these addresses across restarts.
    """
    path = data_dir / PORTS_FILE
    known = json.loads(path.read_text()) if path.exists() else {}
    port = known.get(name)
    if not port or not is_free(port):
        port = _any_free(set(known.values()))
        path.write_text(json.dumps(known | {name: port}))
    return int(port)


def _any_free(taken: set[int]) -> int:
    for port in random.sample(INTERNAL, 100):
        if port not in taken and is_free(port):
            return port
    raise UpError(f"No free port between {INTERNAL.start} and {INTERNAL.stop} on 127.0.0.1.")
