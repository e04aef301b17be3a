"""What goes wrong between an endpoint, its labels and a reader, in words for a person."""

from core.errors import Conflict, UserError


class EndpointNotReady(Conflict):
    """Only an endpoint that is InService answers."""

    code = "endpoint_not_ready"

    def __init__(self, name: str, status: str) -> None:
        super().__init__(
            f"The endpoint {name} is {status}.",
            "Wait until it is InService, or deploy the job again.",
            field="endpoint",
        )


class NotComparable(UserError):
    """The data is not what the model answers about."""

    code = "not_comparable"
    status = 422

    def __init__(self, message: str, *, field: str = "preparation") -> None:
        hint = "Choose the preparation that the model was trained on."
        super().__init__(message, hint if field == "preparation" else "", field=field)


class UnknownSplit(UserError):
    code = "unknown_split"
    status = 422

    def __init__(self, split: str, known: list[str]) -> None:
        super().__init__(
            f"The preparation has no rows in a split {split[:40]!r}.",
            f"It has {', '.join(known)}." if known else "It has no rows at all.",
            field="split",
        )


class NotCompleted(Conflict):
    """Only a finished evaluation can be shared or downloaded."""

    code = "not_completed"


class AlreadyOver(Conflict):
    """What has ended cannot be stopped."""

    code = "already_over"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is over already.")


class NotKept(Conflict):
    """The evaluation is from before its rows were kept to be looked at, or they are gone."""

    code = "rows_not_kept"

    def __init__(self, message: str) -> None:
        super().__init__(message, "Evaluate again to look at single rows.")


class Unusable(UserError):
    """The evaluation cannot be finished: its data or the model's answers do not fit."""

    code = "unusable"


class WrongTerms(UserError):
    """A share's expiry, title or password is not acceptable."""

    code = "wrong_terms"
    status = 422


class ReportChanged(Conflict):
    """Somebody saved the report since its writer read it; nothing of either is lost."""

    code = "report_changed"

    def __init__(self, revision: int) -> None:
        super().__init__(
            "Somebody changed this report since you opened it.",
            f"It is at revision {revision} now: look at it before you save yours.",
            field="revision",
        )
        self.revision = revision


class Frozen(Conflict):
    """A frozen report shows what it showed when it was frozen."""

    code = "frozen"

    def __init__(self) -> None:
        super().__init__("This report is frozen.", "Make a copy, and change that.")


class Ended(Conflict):
    """A link that expired or was revoked stays that way."""

    code = "share_ended"

    def __init__(self) -> None:
        super().__init__("This link no longer works.", "Make a new one.")


class RowsDiffer(Conflict):
    """Two evaluations did not judge the same rows."""

    code = "rows_differ"
