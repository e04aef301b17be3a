"""If-Match and its relatives, for reads, writes and copy sources."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from localaws.errors import AwsError
from localaws.s3.objects import Precondition, Stored, no_such_key

Header = Callable[[str], str]


def failed(condition: str) -> AwsError:
    text = "At least one of the pre-conditions you specified did not hold"
    return AwsError("PreconditionFailed", text, 412, Condition=condition)


def for_write(header: Header, key: str) -> Precondition:
    """`If-None-Match: *` creates only; `If-Match: etag` replaces only that version."""
    none_match, match = header("If-None-Match"), header("If-Match")
    if none_match not in {"", "*"}:
        raise AwsError("NotImplemented", "If-None-Match on a write must be *")

    def check(old: Stored | None) -> None:
        if none_match and old is not None:
            raise failed("If-None-Match")
        if match and old is None:
            raise no_such_key(key)
        if match and old is not None and not _names(match, old.etag):
            raise failed("If-Match")

    return check


def for_read(header: Header, stored: Stored) -> None:
    """Raises AwsError 412, or 304 when the reader already has it."""
    if (match := header("If-Match")) and not _names(match, stored.etag):
        raise failed("If-Match")
    if not match and (since := _date(header("If-Unmodified-Since"))) and _newer(stored, since):
        raise failed("If-Unmodified-Since")
    if none := header("If-None-Match"):
        if _names(none, stored.etag):
            raise AwsError("NotModified", "Not Modified", 304)
    elif (since := _date(header("If-Modified-Since"))) and not _newer(stored, since):
        raise AwsError("NotModified", "Not Modified", 304)


def for_copy(header: Header) -> Precondition:
    """The x-amz-copy-source-if-* headers; every failure is a 412."""

    def check(source: Stored | None) -> None:
        if source is None:
            return
        try:
            for_read(lambda name: header(f"X-Amz-Copy-Source-{name}"), source)
        except AwsError as error:
            raise failed("x-amz-copy-source") from error

    return check


def _names(header: str, etag: str) -> bool:
    candidates = [part.strip().removeprefix("W/").strip('"') for part in header.split(",")]
    return "*" in candidates or etag in candidates


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None


def _newer(stored: Stored, since: datetime) -> bool:
    return int(stored.modified.timestamp()) > int(since.timestamp())
