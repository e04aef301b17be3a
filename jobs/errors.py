"""What a person can fix about a job."""

from core.errors import Conflict, UserError


class NotReady(Conflict):
    """The preparation has no channels (yet)."""


class AlreadyOver(Conflict):
    """The job has ended; nothing about it can be stopped."""


class StillRunning(Conflict):
    """The job has not ended; it can be stopped, not deleted."""


class UnknownAlgorithm(UserError):
    """No such algorithm in the catalogue."""

    status = 422
