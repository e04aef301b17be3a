"""Signature Version 4: every call but the health check must be signed, headers or presigned URL.

Source: AWS General Reference, "Create a signed AWS API request".
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from localaws.errors import AwsError
from localaws.store import Store
from localaws.wire.http import Request

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, token TEXT NOT NULL,
  arn TEXT NOT NULL, user_id TEXT NOT NULL, expires REAL NOT NULL
);
"""
HEADER = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})"
)
SKEW = timedelta(minutes=15)
LONGEST_PRESIGN = 604_800
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class Key:
    """An access key: the one of credentials.json, or a temporary one with a token."""

    access_key_id: str
    secret: str
    arn: str
    user_id: str
    token: str = ""
    expires: float | None = None


CALLER: ContextVar[Key] = ContextVar("CALLER")
"""Who signed the call that this thread serves."""


@dataclass(frozen=True)
class Claim:
    """What a request says about who signed it, before anything is checked."""

    access_key_id: str
    scope: str
    signed_headers: str
    signature: str
    date: str
    token: str
    expires: int | None = None

    @property
    def service(self) -> str:
        return self.scope.split("/")[2]


class Credentials:
    """The root key pair in DIR/credentials.json (mode 0600) and the temporary ones in the store."""

    def __init__(self, path: Path, store: Store, account_id: str) -> None:
        self._store = store
        self._account_id = account_id
        store.install(SCHEMA)
        content = _load_or_create(path)
        self.access_key_id = str(content["access_key_id"])
        self.secret_access_key = str(content["secret_access_key"])

    def find(self, access_key_id: str) -> Key | None:
        if access_key_id == self.access_key_id:
            arn = f"arn:aws:iam::{self._account_id}:root"
            return Key(access_key_id, self.secret_access_key, arn, self._account_id)
        row = (
            self._store.connection()
            .execute("SELECT * FROM sessions WHERE access_key_id = ?", (access_key_id,))
            .fetchone()
        )
        if row is None:
            return None
        return Key(
            row["access_key_id"],
            row["secret"],
            row["arn"],
            row["user_id"],
            row["token"],
            row["expires"],
        )

    def issue(self, arn: str, user_id: str, *, now: datetime, seconds: int) -> Key:
        """A temporary key that verifies until it expires; expired ones are forgotten."""
        expires = int((now + timedelta(seconds=seconds)).timestamp())
        key = Key(
            "ASIA" + secrets.token_hex(8).upper(),
            secrets.token_urlsafe(30),
            arn,
            user_id,
            secrets.token_urlsafe(120),
            expires,
        )
        with self._store.transaction() as db:
            db.execute("DELETE FROM sessions WHERE expires < ?", (now.timestamp() - 86_400,))
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
                (key.access_key_id, key.secret, key.token, arn, user_id, expires),
            )
        return key


def _load_or_create(path: Path) -> dict[str, str]:
    if not path.exists():
        content = {
            "access_key_id": "AKIA" + secrets.token_hex(8).upper(),
            "secret_access_key": secrets.token_urlsafe(30),
        }
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    loaded: dict[str, str] = json.loads(path.read_text())
    return loaded


def claim(request: Request) -> Claim:
    """Raises AwsError when the request is not signed at all."""
    if "X-Amz-Signature" in request.params:
        return _presigned_claim(request)
    match = HEADER.fullmatch(request.header("Authorization"))
    if match is None:
        raise _unsigned(request)
    credential, signed, signature = match.groups()
    access_key_id, scope = _credential(credential)
    date, token = request.header("X-Amz-Date"), request.header("X-Amz-Security-Token")
    return Claim(access_key_id, scope, signed, signature, date, token)


def _presigned_claim(request: Request) -> Claim:
    params = request.params
    access_key_id, scope = _credential(params.get("X-Amz-Credential", ""))
    expires = params.get("X-Amz-Expires", "")
    if not re.fullmatch(r"\d{1,6}", expires) or int(expires) > LONGEST_PRESIGN:
        raise AwsError("AuthorizationQueryParametersError", "X-Amz-Expires must be at most a week")
    return Claim(
        access_key_id,
        scope,
        params.get("X-Amz-SignedHeaders", ""),
        params["X-Amz-Signature"],
        params.get("X-Amz-Date", ""),
        params.get("X-Amz-Security-Token", ""),
        int(expires),
    )


def _credential(text: str) -> tuple[str, str]:
    access_key_id, _, scope = text.partition("/")
    parts = scope.split("/")
    if len(parts) != 4 or parts[3] != "aws4_request":
        raise AwsError(
            "IncompleteSignatureException", "Credential must be KEY/DATE/REGION/...", 403
        )
    return access_key_id, scope


def verify(
    request: Request, made: Claim, credentials: Credentials, *, payload: str, now: datetime
) -> Key:
    """The key that signed. `payload` is the hash or marker that the signature covers.

    Raises AwsError with S3's codes for S3 and the JSON services' codes for the rest.
    """
    s3 = made.service == "s3"
    key = credentials.find(made.access_key_id)
    if key is None:
        raise _unknown_key(s3=s3)
    _check_time(made, now)
    _check_token(made, key, now, s3=s3)
    if "host" not in made.signed_headers.split(";"):
        raise AwsError("AccessDenied", "The host header must be signed", 403)
    expected = sign(key.secret, made, canonical_request(request, made, payload))
    if not hmac.compare_digest(expected, made.signature):
        raise _wrong_signature(s3=s3 or made.service in {"sts", "iam"})
    return key


def canonical_request(request: Request, made: Claim, payload: str) -> str:
    # S3 signs the path as sent; every other service signs the encoded path encoded once more.
    path = request.path if made.service == "s3" else quote(request.path, safe="/-_.~")
    pairs = sorted(
        (_encode(name), _encode(value))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    query = "&".join(f"{name}={value}" for name, value in pairs)
    headers = "".join(
        f"{name}:{_header_value(request, name)}\n" for name in made.signed_headers.split(";")
    )
    signed = made.signed_headers
    return f"{request.method}\n{path}\n{query}\n{headers}\n{signed}\n{payload}"


def sign(secret: str, made: Claim, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{made.date}\n{made.scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in made.scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")


def _header_value(request: Request, name: str) -> str:
    return ",".join(" ".join(value.split()) for value in request.headers.get_all(name, []))


def _check_time(made: Claim, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(made.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AwsError("IncompleteSignatureException", "X-Amz-Date is missing", 403) from None
    if not made.scope.startswith(f"{signed_at:%Y%m%d}/"):
        raise AwsError("SignatureDoesNotMatch", "Date in Credential scope does not match", 403)
    if made.expires is None:
        if abs(now - signed_at) > SKEW:
            text = "The difference between the request time and the current time is too large."
            raise AwsError("RequestTimeTooSkewed", text, 403)
    elif now > signed_at + timedelta(seconds=made.expires) or now < signed_at - SKEW:
        raise AwsError("AccessDenied", "Request has expired", 403)


def _check_token(made: Claim, key: Key, now: datetime, *, s3: bool) -> None:
    if not hmac.compare_digest(made.token.encode(), key.token.encode()):
        raise AwsError("InvalidToken", "Invalid token", 403) if s3 else _unknown_key(s3=False)
    if key.expires is not None and now.timestamp() > key.expires:
        code = "ExpiredToken" if s3 else "ExpiredTokenException"
        raise AwsError(code, "The security token included in the request is expired", 403)


def _unknown_key(*, s3: bool) -> AwsError:
    if s3:
        text = "The AWS Access Key Id you provided does not exist in our records."
        return AwsError("InvalidAccessKeyId", text, 403)
    text = "The security token included in the request is invalid."
    return AwsError("UnrecognizedClientException", text, 403)


def _wrong_signature(*, s3: bool) -> AwsError:
    text = (
        "The request signature we calculated does not match the signature you provided."
        " Check your AWS Secret Access Key and signing method."
    )
    return AwsError("SignatureDoesNotMatch" if s3 else "InvalidSignatureException", text, 403)


def payload_marker(request: Request) -> str:
    """S3's claim about the body; the body is checked against it while it is read.

    Raises AwsError when the header is missing: S3 wants it on every signed request.
    """
    if "X-Amz-Signature" in request.params:
        return request.params.get("X-Amz-Content-Sha256", UNSIGNED)
    marker = request.header("X-Amz-Content-Sha256")
    if not marker:
        text = "Missing required header for this request: x-amz-content-sha256"
        raise AwsError("InvalidRequest", text)
    return marker


def payload_hash(request: Request, body: bytes) -> str:
    """What the other services' signature covers: the hash of the body that came."""
    if request.header("X-Amz-Content-Sha256") == UNSIGNED:
        return UNSIGNED
    return hashlib.sha256(body).hexdigest()


def _unsigned(request: Request) -> AwsError:
    is_s3 = not request.header("X-Amz-Target") and request.path != "/"
    if is_s3:
        return AwsError("AccessDenied", "Access Denied", 403)
    return AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
