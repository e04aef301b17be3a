"""The panel that says what would fail, and whether a launch is tried all the same."""

from dataclasses import dataclass

from django.forms import FileField
from django.http import HttpRequest

from core.models import Workspace
from jobs import inspection
from jobs.forms.machine import MachineForm
from jobs.preflight import Finding, Plan, Verdict, stopping

ANYWAY = "launch_anyway"
ORDER = [Verdict.WOULD_FAIL, Verdict.WARNING, Verdict.UNCHECKED, Verdict.OK]


@dataclass(frozen=True)
class Panel:
    """`wrong` are the labels of fields that the form itself marks; `findings` the worst first."""

    findings: list[Finding]
    wrong: list[str]
    insists: bool = False

    @property
    def stops(self) -> list[Finding]:
        """What keeps the launch from being tried."""
        return stopping(self.findings, anyway=self.insists)

    @property
    def troubles(self) -> list[Finding]:
        return [one for one in self.findings if one.verdict is not Verdict.OK]

    @property
    def passed(self) -> list[Finding]:
        return [one for one in self.findings if one.verdict is Verdict.OK]

    @property
    def may_insist(self) -> bool:
        """Whether the only doubts are about what AWS said."""
        failing = [one for one in self.findings if one.verdict is Verdict.WOULD_FAIL]
        return bool(failing) and not any(one.certain for one in failing)


def panel(request: HttpRequest, form: MachineForm, plan: Plan, workspace: Workspace) -> Panel:
    """Asks AWS, for at most five seconds."""
    wrong = [
        str(form[name].label or name)
        for name in form.errors
        # A check sends no files: whether one was chosen is seen at the launch.
        if name in form.fields and not isinstance(form.fields[name], FileField)
    ]
    findings = sorted(
        inspection.looked_at(plan, workspace), key=lambda one: ORDER.index(one.verdict)
    )
    return Panel(findings, wrong, ANYWAY in request.POST)
