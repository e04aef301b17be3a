from core.errors import UserError


class StorageUnavailable(UserError):
    """S3 did not take or give the bytes; nothing was kept."""

    code = "storage_unavailable"
    status = 503


class BadFile(UserError):
    """The uploaded file cannot be used, and why."""

    code = "bad_file"
    status = 422


class Damaged(UserError):
    """The bytes that came are not those that were sent."""

    code = "damaged"
    status = 422


class NoLabelledRows(UserError):
    """A split whose rows cannot be given with their labels as numbers."""

    code = "not_comparable"
    status = 409


class TooLargeHere(UserError):
    """Only a SageMaker Processing job could prepare so much, and none may run."""

    code = "too_large_here"
    status = 409
