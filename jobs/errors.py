"""What a person can fix about a job."""

from core.errors import Conflict, UserError


class NotReady(Conflict):
    """The preparation has no channels (yet)."""


class AlreadyOver(Conflict):
    """The job has ended; nothing about it can be stopped."""


class StillRunning(Conflict):
    """The job has not ended; it can be stopped, not deleted."""


class Outside(Conflict):
    """Somebody launched the job without this console, which only shows it."""

    def __init__(self, hint: str) -> None:
        super().__init__("This job was launched outside mlconsole, which only shows it.", hint)


class UnknownAlgorithm(UserError):
    """No such algorithm in the catalogue."""

    status = 422


class NotesChanged(Conflict):
    """Somebody else wrote in the meantime; `now` is what the notes are."""

    def __init__(self, now: str) -> None:
        self.now = now
        super().__init__(
            "Somebody changed the notes while you wrote.",
            "Look at both texts and save what should stay.",
            field="notes",
        )
