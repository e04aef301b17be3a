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

    def __init__(self, message: str) -> None:
        super().__init__(
            message, "Choose the preparation that the model was trained on.", field="preparation"
        )


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


class Unusable(UserError):
    """The evaluation cannot be finished: its data or the model's answers do not fit."""

    code = "unusable"


class WrongTerms(UserError):
    """A share's expiry, title or password is not acceptable."""

    code = "wrong_terms"
    status = 422
