from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from core import first_run, signin


class Command(BaseCommand):
    help = "Print a link that signs in once, within an hour; the first time, make what it needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default="", help="whom (default: the first administrator)")
        parser.add_argument("--base-url", default="", help="where the console is, for a server")

    def handle(self, **options: Any) -> None:
        running = settings.RUNTIME
        base_url = options["base_url"] or (running.web_url if running else "")
        if not base_url:
            raise CommandError("Say with --base-url where the console is.")
        admin, _workspace = first_run.ensure()
        user = User.objects.filter(username=options["user"]).first() if options["user"] else admin
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        self.stdout.write(signin.issue_link(user, base_url))
