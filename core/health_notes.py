"""What the rounds of worker and mirror left behind, for pages that must not ask AWS themselves."""

from datetime import datetime, timedelta

from django.utils import timezone

from core.models import Heartbeat, Workspace

STALE_AFTER = timedelta(seconds=30)


def beat(name: str, *, problem: str = "", now: datetime | None = None) -> None:
    """Write down that `name` did its round; with a `problem` the last good time is kept."""
    now = now or timezone.now()
    if problem:
        changed = Heartbeat.objects.filter(name=name).update(problem=problem[:500])
        if not changed:
            Heartbeat.objects.get_or_create(
                name=name, defaults={"at": now, "problem": problem[:500]}
            )
        return
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "problem": ""})


def mirror_name(workspace: Workspace, kind: str) -> str:
    return f"mirror:{kind}:{workspace.pk}"


def aws_trouble(workspace: Workspace, *, now: datetime | None = None) -> Heartbeat | None:
    """The mirror of `workspace` that cannot reach AWS or has gone quiet, if any."""
    now = now or timezone.now()
    beats = list(
        Heartbeat.objects.filter(name__startswith="mirror:", name__endswith=f":{workspace.pk}")
    )
    for heartbeat in sorted(beats, key=lambda h: h.at):
        if heartbeat.problem or now - heartbeat.at > STALE_AFTER:
            return heartbeat
    return None
