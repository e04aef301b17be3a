"""What can go wrong at AWS, told by what the caller can do about it.

AWS names the same trouble differently per service: a missing training job is a ValidationException
"Requested resource not found.", to an invocation a missing endpoint is a ValidationError, a missing
object is "NoSuchKey" or a bare 404. It is recognised here, once, by code and message.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import RetriesExceededError
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError


class AwsError(Exception):
    """`message` is AWS's own text; `retryable` says whether the same call may succeed later.

    `status` is the answer's of HTTP, 0 when none came.
    """

    retryable = False
    status = 0

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id


class NotFound(AwsError):
    """The thing does not exist (or not in this account and region)."""


class AlreadyExists(AwsError):
    """The name is taken: look whose it is before adopting it."""


class Invalid(AwsError):
    """AWS refused the request as it stands; a person has to change it."""


class WrongState(Invalid):
    """The thing is in a state that forbids this: an endpoint still updating, a job already over."""


class QuotaExceeded(Invalid):
    """An account limit; only AWS support can raise it."""


class ModelError(Invalid):
    """The model's own container answered an invocation with an error."""

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.original_status = 0
        self.original_message = ""


class Denied(AwsError):
    """No, wrong, expired or insufficient credentials."""


class Throttled(AwsError):
    """Too many requests; back off, for `retry_after` seconds when AWS says so."""

    retryable = True

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.retry_after = 0.0


class Unavailable(AwsError):
    """AWS could not be reached, did not answer in time, or failed inside."""

    retryable = True


class Unknown(AwsError):
    """None of the above: read the message, and teach this module the code."""


_BY_CODE: dict[str, type[AwsError]] = {
    code: kind
    for kind, codes in {
        NotFound: (
            "ResourceNotFound ResourceNotFoundException NoSuchKey NoSuchBucket NoSuchUpload"
            " NoSuchEntity NoSuchCORSConfiguration NoSuchResourceException NotFoundException"
            " AWS.SimpleQueueService.NonExistentQueue ObjectNotFoundException"
            " NotFound 404"
        ),
        AlreadyExists: "ResourceInUse BucketAlreadyOwnedByYou BucketAlreadyExists",
        Denied: (
            "AccessDenied AccessDeniedException UnauthorizedOperation UnrecognizedClientException"
            " InvalidClientTokenId InvalidAccessKeyId SignatureDoesNotMatch InvalidToken"
            " InvalidSignatureException IncompleteSignature IncompleteSignatureException"
            " MissingAuthenticationToken MissingAuthenticationTokenException RequestExpired"
            " ExpiredToken ExpiredTokenException RequestTimeTooSkewed OptInRequired 401 403"
            " FailedResourceAccessException"
        ),
        QuotaExceeded: "ResourceLimitExceeded LimitExceededException",
        ModelError: "ModelError",
        Throttled: (
            "Throttling ThrottlingException ThrottledException RequestThrottled SlowDown"
            " RequestThrottledException TooManyRequestsException RequestLimitExceeded 429"
        ),
        Unavailable: (
            "ServiceUnavailable ServiceUnavailableException InternalFailure InternalError"
            " InternalServerError InternalServiceError InternalServiceFault"
            " InternalDependencyException InternalErrorException ServiceException"
            " ModelNotReadyException RequestTimeout"
            " RequestTimeoutException OperationAborted ConcurrentUpdateException"
            " InternalServiceException"
        ),
        Invalid: (
            "ValidationException ValidationError InvalidParameterValue InvalidParameterException"
            " InvalidParameterCombination MissingParameter InvalidRequest InvalidArgument 400"
            " MalformedXML InvalidBucketName InvalidRange InvalidPart InvalidPartOrder"
            " EntityTooSmall EntityTooLarge KeyTooLongError BadDigest PreconditionFailed 412"
            " RequestEntityTooLarge"
        ),
    }.items()
    for code in codes.split()
}

# Tried in this order on the message of whatever the code makes Invalid. Missing model data is a
# wrong address in a create call, not a missing thing that was asked for.
_BY_MESSAGE: tuple[tuple[re.Pattern[str], type[AwsError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"could not find model data", Invalid),
        (r"cannot create already existing", AlreadyExists),
        (r"could not find|not found|can't find", NotFound),
        (r"in-progress endpoint|job is in status", WrongState),
        (r"rate exceeded", Throttled),
    )
)

_UNREACHABLE = (
    boto.ConnectionError,  # nobody there: refused, unresolved, timeout while connecting, TLS
    boto.HTTPClientError,  # somebody there who did not finish: read timeout, closed connection
    boto.IncompleteReadError,
    RetriesExceededError,  # a download that broke off again and again
)
_NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.ProfileNotFound,
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn everything botocore raises inside into an `AwsError`, which keeps it as its cause."""
    try:
        yield
    except ClientError as error:
        raise _from_response(error.response) from error
    except (BotoCoreError, RetriesExceededError) as error:
        raise _from_client_side(error) from error


def from_code(code: str, message: str) -> AwsError:
    """The error for a code that AWS put inside a successful answer."""
    return _kind(code, message, status=0)(message, code=code)


def _from_response(response: Any) -> AwsError:
    details = response.get("Error", {})
    about = response.get("ResponseMetadata", {})
    code = str(details.get("Code", ""))
    message = details.get("Message") or response.get("Message") or code or "AWS gave no reason."
    kind = _kind(code, message, status=int(about.get("HTTPStatusCode", 0)))
    failure = kind(message, code=code, request_id=about.get("RequestId", ""))
    failure.status = int(about.get("HTTPStatusCode", 0))
    if isinstance(failure, ModelError):
        failure.original_status = int(response.get("OriginalStatusCode", 0))
        failure.original_message = response.get("OriginalMessage", "")
    if isinstance(failure, Throttled):
        asked = str(about.get("HTTPHeaders", {}).get("retry-after", ""))
        failure.retry_after = float(asked) if asked.isdigit() else 0.0
    return failure


def _kind(code: str, message: str, *, status: int) -> type[AwsError]:
    kind = _BY_CODE.get(code)
    if kind is Invalid:
        return next((found for wanted, found in _BY_MESSAGE if wanted.search(message)), Invalid)
    if kind is None and status >= 500:
        return Unavailable
    return kind or Unknown


def _from_client_side(error: Exception) -> AwsError:
    code = type(error).__name__
    if isinstance(error, _UNREACHABLE):
        return Unavailable(str(error), code=code)
    if isinstance(error, _NO_CREDENTIALS):
        # botocore's text is a source for where it looked, never the credentials themselves.
        return Denied(f"No usable AWS credentials: {error}", code=code)
    if isinstance(error, (boto.ParamValidationError, boto.InvalidRegionError)):
        return Invalid(str(error), code=code)
    return Unknown(str(error), code=code)
