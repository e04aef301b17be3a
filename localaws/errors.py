"""Errors as Amazon words them; the wire layer renders them in the caller's protocol."""

from typing import Any


class AwsError(Exception):
    """An answer other than success.

    `code` is what boto3 puts in `e.response["Error"]["Code"]`; `extra` holds further members of
    the modelled error (for example `OriginalStatusCode` of a ModelError).
    """

    def __init__(self, code: str, message: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra: dict[str, Any] = extra


def validation(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def resource_in_use(message: str) -> AwsError:
    return AwsError("ResourceInUse", message)


def resource_not_found(message: str) -> AwsError:
    """The tuning service's code; most of SageMaker says ValidationException instead."""
    return AwsError("ResourceNotFound", message)


def access_denied(message: str = "Access Denied") -> AwsError:
    return AwsError("AccessDenied", message, 403)


def throttled() -> AwsError:
    return AwsError("ThrottlingException", "Rate exceeded")


def not_implemented(operation: str) -> AwsError:
    """400, not 501 or 500: boto3 would send a failed call four more times."""
    return AwsError("NotImplementedException", f"{operation} is not implemented by localaws.")


def disk_full(reason: str) -> AwsError:
    """507, which boto3 does not send again: the next attempt would find no more room."""
    return AwsError("InsufficientStorage", f"localaws cannot write to its disk: {reason}", 507)


def internal(reference: str) -> AwsError:
    return AwsError("InternalFailure", f"localaws failed; see its log, reference {reference}.", 500)
