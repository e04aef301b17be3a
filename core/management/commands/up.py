import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.up import start
from core.up.console import Console
from core.up.errors import UpError


class Command(BaseCommand):
    help = "Start the whole console on this machine: Valkey, localaws, web, worker and beat."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        # Read by manage.py before the settings load; named here for --help and for strictness.
        parser.add_argument("--data-dir", help="where everything is kept (var)")
        parser.add_argument("--no-sample", action="store_true", help="start no sample experiment")
        parser.add_argument(
            "--allow-scripts",
            action="store_true",
            help="let localaws run everybody's scripts and models, as you and with your rights",
        )

    def handle(self, **options: Any) -> None:
        chosen = start.Options(
            options["host"],
            options["port"],
            sample=not options["no_sample"],
            scripts=options["allow_scripts"],
        )
        try:
            start.run(chosen, Console(sys.stdout))
        except UpError as error:
            raise CommandError(str(error)) from error
