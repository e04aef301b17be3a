"""Clients, made once per process, account and service: the only boto3 client call in the tree."""

from __future__ import annotations

import functools
import ipaddress
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError
from botocore.session import Session
from botocore.session import get_session as botocore_session

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_pricing import PricingClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_sts import STSClient

Service = Literal[
    "s3",
    "sagemaker",
    "sagemaker-runtime",
    "logs",
    "cloudwatch",
    "sts",
    "iam",
    "pricing",
    "service-quotas",
    "sqs",
    "application-autoscaling",
]

ROLE_SESSION_NAME = "mlconsole"
CONNECT_TIMEOUT = 5  # seconds; with three attempts an unreachable endpoint costs about 15
READ_TIMEOUT = 20
RUNTIME_READ_TIMEOUT = 65  # SageMaker gives a model 60 s to answer and then says so itself


@dataclass(frozen=True)
class Account:
    """Where calls go. Base credentials come from boto3's own chain and are never kept here.

    With `role_arn` they only assume that role (again before it expires). An empty `endpoint_url`
    leaves the address to boto3's environment variables (AWS_ENDPOINT_URL and its per-service
    forms), then to Amazon. With `answer_within` (seconds) every call is asked once and given up
    after that long: for those who come again by themselves.
    """

    region: str
    role_arn: str = ""
    external_id: str = ""
    endpoint_url: str = ""
    answer_within: float = 0


_clients: dict[tuple[int, Account, str, float], Any] = {}
_making = threading.Lock()


@overload
def client(account: Account, service: Literal["s3"], *, read_timeout: float = ...) -> S3Client: ...
@overload
def client(account: Account, service: Literal["sagemaker"]) -> SageMakerClient: ...
@overload
def client(
    account: Account, service: Literal["sagemaker-runtime"], *, read_timeout: float = ...
) -> SageMakerRuntimeClient: ...
@overload
def client(account: Account, service: Literal["logs"]) -> CloudWatchLogsClient: ...
@overload
def client(account: Account, service: Literal["cloudwatch"]) -> CloudWatchClient: ...
@overload
def client(account: Account, service: Literal["sts"]) -> STSClient: ...
@overload
def client(
    account: Account, service: Literal["iam"], *, read_timeout: float = ...
) -> IAMClient: ...
@overload
def client(account: Account, service: Literal["pricing"]) -> PricingClient: ...
@overload  # there are no stubs of these among the requirements
def client(
    account: Account,
    service: Literal["service-quotas", "sqs", "application-autoscaling"],
    *,
    read_timeout: float = ...,
) -> Any: ...
def client(account: Account, service: Service, *, read_timeout: float = 0) -> Any:
    """The client for a service, safe to share between threads.

    Whoever names `read_timeout` (seconds) has a person waiting: one attempt, no longer than that.
    Call it inside `errors.translated()`: assuming a role without base credentials fails here.
    """
    read_timeout = read_timeout or account.answer_within
    # A forked child must not share its parent's sockets, hence the process id.
    key = (os.getpid(), account, service, read_timeout)
    with _making:
        if key not in _clients:
            _clients[key] = _make(account, service, _config(service, read_timeout))
        return _clients[key]


def _config(service: Service, read_timeout: float) -> Config:
    runtime = service == "sagemaker-runtime"
    return Config(
        # A prediction's caller named a time limit: repeating the call inside would triple it.
        retries={"mode": "standard", "total_max_attempts": 1 if runtime or read_timeout else 3},
        connect_timeout=min(CONNECT_TIMEOUT, read_timeout or CONNECT_TIMEOUT),
        read_timeout=read_timeout or (RUNTIME_READ_TIMEOUT if runtime else READ_TIMEOUT),
        max_pool_connections=32,
        # Left alone, boto3 signs links to objects of the oldest regions the old way (SigV2).
        signature_version="s3v4" if service == "s3" else None,
    )


def _make(account: Account, service: Service, config: Config) -> Any:
    session = boto3.Session(botocore_session=_session(account), region_name=account.region)
    make = functools.partial(session.client, service, endpoint_url=account.endpoint_url or None)
    made = make(config=config)
    if service == "s3" and (options := _s3_options(made.meta.endpoint_url)):
        made = make(config=config.merge(Config(s3=options)))
    return made


def _s3_options(url: str) -> Any:
    if _is_http_loopback(url):
        # Nobody listens in on loopback and CRC32 still guards the bytes; signing them as well
        # costs a quarter of the speed.
        return {"payload_signing_enabled": False}
    if is_amazon(url):
        # Left alone, boto3 makes links to the global address, which redirects to the region's:
        # a browser does not follow that when a page sends to another origin.
        return {"addressing_style": "virtual"}
    return None


def is_amazon(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _is_http_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def _session(account: Account) -> Session:
    session = _plain_session()
    if account.role_arn:
        provider = _AssumedRole(account, base=_plain_session())
        session.register_component("credential_provider", CredentialResolver([provider]))
    return session


def _plain_session() -> Session:
    session = botocore_session()
    session.register_component("data_loader", _service_models())
    return session


@functools.cache
def _service_models() -> Any:
    """Shared by all sessions: each would parse SageMaker's model anew, 0.1 s and 20 MB a time."""
    return botocore_session().get_component("data_loader")


class _AssumedRole(CredentialProvider):
    """Credentials of the account's role, fetched at the first call and again before they expire."""

    METHOD = "assume-role"

    def __init__(self, account: Account, base: Session) -> None:
        super().__init__(session=base)
        self.account = account
        self.base = base

    def load(self) -> DeferredRefreshableCredentials:
        source = self.base.get_credentials()
        if source is None:
            raise NoCredentialsError
        external = {"ExternalId": self.account.external_id} if self.account.external_id else {}
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=functools.partial(
                self.base.create_client,
                region_name=self.account.region,
                endpoint_url=self.account.endpoint_url or None,
                config=_config("sts", 0),
            ),
            source_credentials=source,
            role_arn=self.account.role_arn,
            extra_args={"RoleSessionName": ROLE_SESSION_NAME, **external},
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)
