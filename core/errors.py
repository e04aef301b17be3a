"""Errors by responsibility: what a person can fix, what is not theirs, what came too late."""


class UserError(Exception):
    """The user can fix it: show `message` and `hint` as they are, at `field` when there is one."""

    code = "invalid"
    status = 400

    def __init__(self, message: str, hint: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field


class InvalidFields(UserError):
    """Several fields are wrong at once: `errors` maps a field's name to its messages."""

    status = 422

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        field, messages = next(iter(errors.items()))
        super().__init__(messages[0], f"Check {', '.join(errors)}.", field=field)


class NotFound(UserError):
    """Not there, or not yours: the two look the same."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "There is nothing here, or it is not yours.") -> None:
        super().__init__(message)


class NotSignedIn(UserError):
    code = "not_signed_in"
    status = 401


class NotAllowed(UserError):
    """The object is visible, the action needs a higher role."""

    code = "not_allowed"
    status = 403


class Conflict(UserError):
    """The row is no longer in the state that the action needs."""

    code = "conflict"
    status = 409


class StillInUse(Conflict):
    """Something depends on the row; the message names what."""

    code = "still_in_use"


class Unavailable(UserError):
    """Something behind us does not answer; the same request may work in a moment."""

    code = "unavailable"
    status = 503


class TooLarge(UserError):
    code = "too_large"
    status = 413


class TooMany(UserError):
    code = "too_many_requests"
    status = 429
