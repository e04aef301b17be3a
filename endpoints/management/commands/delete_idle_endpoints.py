"""For cron: what idles in a workspace, shown; deleted only with --yes."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import states
from core.errors import UserError
from core.models import Workspace
from endpoints import cleanup, cost, delete, idle, mirror, traffic
from endpoints.models import CleanupItem, Endpoint
from endpoints.recheck import IfIdle

LEASE = timedelta(seconds=20)
SOME_LEFT = 3


class Command(BaseCommand):
    help = (
        "Show the endpoints of a workspace that idle, and with --yes delete them. Ends with 0 when"
        " all went well, 1 when the request is wrong, 3 when --yes left some of them after all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True)
        parser.add_argument(
            "--older-than",
            type=int,
            default=idle.WINDOW_DAYS,
            metavar="DAYS",
            help="without a call",
        )
        parser.add_argument("--cap", type=int, default=cleanup.CAP, help="at most so many")
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--dry-run", action="store_true", help="only show; the default")
        choice.add_argument("--yes", action="store_true", help="delete them")

    def handle(self, *_args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        rule, now = IfIdle(window_days=options["older_than"]), timezone.now()
        try:
            cleanup.check(rule, options["cap"])
            mirror.look(workspace, now)
            traffic.refresh(workspace, now)
            if options["yes"]:
                self._delete(workspace, rule, options["cap"], now)
            else:
                self._show(cleanup.candidates(workspace, now, rule, options["cap"]))
        except UserError as error:
            raise CommandError(error.message) from error

    def _show(self, found: list[cleanup.Candidate]) -> None:
        for one in found:
            does = f"kept: {one.blocked}" if one.blocked else "would be deleted"
            self._line(one.endpoint, does, one.verdict.reason)
        going = [one for one in found if not one.blocked]
        usd = sum(one.monthly or 0.0 for one in going)
        self.stdout.write(
            f"{len(going)} would be deleted, ${usd:,.0f} a month. Nothing was; --yes does it."
        )

    def _delete(self, workspace: Workspace, rule: IfIdle, cap: int, now: datetime) -> None:
        plan = cleanup.plan(None, workspace, now, rule=rule, cap=cap)
        planned = plan.items.filter(state=CleanupItem.State.PLANNED).count()
        begun: Sequence[Endpoint] = []
        if planned:
            shown = cleanup.seal(plan)
            begun = cleanup.confirm(None, plan, now, endpoints=planned, shown=shown)
        for endpoint in begun:
            if states.claim(endpoint, now=now, lease=LEASE):
                delete.advance(endpoint, now)
        cleanup.settle(now)
        items = list(plan.items.select_related("endpoint"))
        for item in items:
            self._line(item.endpoint, f"{item.state}: {item.reason}".rstrip(": "), item.evidence)
        still = {item.endpoint_id for item in items if item.state != CleanupItem.State.SKIPPED}
        gone = sum(endpoint.pk in still for endpoint in begun)
        self.stdout.write(f"{gone} on the way out; the worker sees to the rest.")
        if gone < planned:
            sys.exit(SOME_LEFT)

    def _line(self, endpoint: Endpoint, does: str, evidence: str) -> None:
        usd = endpoint.hourly_cost
        month = "price not known" if usd is None else f"${cost.monthly(usd):,.0f} a month"
        self.stdout.write(f"{endpoint.name}\t{month}\t{does}\t{evidence}")
