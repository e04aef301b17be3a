"""Experiments: named groups of runs, made when a run first names them."""

from core.access import Actor
from jobs.models import Experiment


def named(who: Actor, name: str) -> Experiment | None:
    """The workspace's experiment called `name`, new or not; None for a blank name."""
    name = name.strip()
    if not name:
        return None
    experiment, _ = Experiment.objects.get_or_create(
        workspace=who.workspace, name=name, defaults={"created_by": who.user}
    )
    return experiment
