"""`python -m localaws --port N --data DIR`, and `notebook-env` for other clients."""

import argparse
import logging
import os
import shlex
import signal
import sys
import threading
from pathlib import Path

from localaws import faults, notebook, server
from localaws.app import App
from localaws.errors import AwsError


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=options.log_level, format="%(levelname)s %(name)s: %(message)s")
    if options.command == "notebook-env":
        return _notebook_env(options)
    return _serve(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localaws", description=server.__doc__)
    parser.add_argument("command", nargs="?", choices=["serve", "notebook-env"], default="serve")
    parser.add_argument("--port", type=int, default=4566, help="0 picks a free one")
    parser.add_argument("--data", type=Path, default=Path("var/localaws"))
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 inside a container only")
    parser.add_argument("--region", default=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))
    parser.add_argument("--faults", type=Path, help="JSON list of rules, see localaws/faults.py")
    parser.add_argument(
        "--allow-scripts", action="store_true", help="run users' scripts and models, as this user"
    )
    parser.add_argument("--log-level", default="WARNING")
    return parser


def _serve(options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        rules = faults.load(options.faults) if options.faults else []
        app = server.build(
            options.data.absolute(),
            port=options.port,
            region=options.region,
            host=options.host,
            rules=rules,
            allow_scripts=options.allow_scripts,
        )
        server.serve(app, stop, lambda: _announce(app))
    except (OSError, AwsError) as error:
        print(f"localaws cannot start on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    return 0


def _announce(app: App) -> None:
    print(f"localaws is ready at {app.url}, data in {app.data}", flush=True)


def _notebook_env(options: argparse.Namespace) -> int:
    try:
        lines = notebook.environment(options.data.absolute(), options.port, options.region)
    except FileNotFoundError:
        print(f"{options.data} holds no localaws; start it first", file=sys.stderr)
        return 1
    for name, value in lines.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
