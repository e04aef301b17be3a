from typing import Any

from django.core.management.base import BaseCommand

from core import first_run
from results import sample


class Command(BaseCommand):
    help = "Start the sample experiment in an empty workspace, once in its life."

    def handle(self, *args: Any, **options: Any) -> None:
        _, workspace = first_run.ensure()
        if sample.start(workspace):
            self.stdout.write("The sample experiment starts: watch it on the home page.")
