from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import tokens
from core.errors import UserError
from core.models import ApiToken, Workspace


class Command(BaseCommand):
    help = "Create an API token and print only the token."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True)
        parser.add_argument("--workspace", required=True)
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default="admin")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if user is None or workspace is None:
            missing = "user" if user is None else "workspace"
            raise CommandError(f"There is no {missing} {options[missing]!r}.")
        try:
            _, secret = tokens.create(user, workspace, name=options["name"], scope=options["scope"])
        except UserError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)
