"""The one way out to an address that somebody typed: checked, pinned, short and silent.

Only https, and only where everybody on the internet may go: a name is resolved once, refused when
any of its addresses leads inside, and connected to at the address that was checked. No proxy, no
redirect; of the answer only its status is read. Such addresses are secrets: no message, log line
or `repr` has more of one than its host.
"""

import json
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 10.0  # for all of it
LONGEST = 1024  # characters of an address
STATUS_LINE = 1024  # bytes
PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]*[a-z0-9]")
_UNICAST = IPv6Network("2000::/3")
# Azure's, the one such address that looks public. Amazon's and Google's are link-local.
_METADATA = IPv4Address("168.63.129.16")
Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class NotSent(Exception):
    """The text says why, without the address; `is_final` when trying again would not help."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_final = is_final


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    is_tls: bool
    path: str = field(repr=False)

    @property
    def name(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = PORTS["https" if self.is_tls else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def target(url: str) -> Target:
    """The parts of `url`; NotSent, for good, when it may never be called. Asks no name server."""
    if len(url) > LONGEST or not re.fullmatch(r"[!-~]+", url):
        raise _never(f"Not an address: up to {LONGEST} characters without spaces.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _never("Not an address.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _schemes():
        raise _never("It must begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        raise _never("Without a user, a password, a fragment or the port 0.")
    if not (_NAME.fullmatch(host) or _is_address(host)):
        raise _never("It has no host.")
    if settings.WEBHOOK_HOSTS and host not in settings.WEBHOOK_HOSTS:
        raise _never(f"Only {', '.join(settings.WEBHOOK_HOSTS)} may be called from here.")
    if _is_address(host) and not _is_open(host):
        raise _never("It leads inside, where this console may not send.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or PORTS[parts.scheme], parts.scheme == "https", path)


def post_json(url: str, payload: Mapping[str, Any]) -> None:
    """POST `payload`; returns when a 2xx came back within `SECONDS`, else raises NotSent."""
    found = target(url)
    body = json.dumps(payload).encode()
    deadline = time.monotonic() + SECONDS
    try:
        with _connected(found, _addresses(found), deadline) as connection:
            connection.settimeout(_left(deadline))
            connection.sendall(_request(found, body))
            status = _status(connection, deadline)
    except ssl.SSLCertVerificationError as error:
        raise NotSent(f"The certificate of {found.host} is not valid.") from error
    except TimeoutError as error:
        raise NotSent(f"{found.host} did not answer in {SECONDS:.0f} s.") from error
    except OSError as error:
        raise NotSent(f"{found.host} could not be reached ({type(error).__name__}).") from error
    if 300 <= status < 400:
        raise _never(f"{found.host} answered with a redirect, which is not followed.")
    if not 200 <= status < 300:
        is_final = 400 <= status < 500 and status not in (408, 429)
        raise NotSent(f"{found.host} answered {status}.", is_final=is_final)


def shown(url: str) -> str:
    """What may be shown of a secret address: where it leads."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…" if url else ""


def _never(message: str) -> NotSent:
    return NotSent(message, is_final=True)


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOK_LOOPBACK else ("https",)


def _addresses(found: Target) -> list[Address]:
    """Where the name leads, each checked."""
    try:
        told = socket.getaddrinfo(found.host, found.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NotSent(f"The host {found.host} is not known.") from error
    addresses: list[Address] = [(family, address) for family, _, _, _, address in told]
    for _, address in addresses:
        if not _is_open(str(address[0])):
            raise _never(f"{found.host} leads inside, where this console may not send.")
        if not found.is_tls and not _parsed(str(address[0])).is_loopback:
            raise _never("Only https may leave this machine.")
    return addresses


def _is_address(host: str) -> bool:
    try:
        _parsed(host)
    except ValueError:
        return False
    return True


def _is_open(address: str) -> bool:
    """Whether everybody may go there; this machine itself only when the settings say so."""
    found = _parsed(address)
    if found.is_loopback:
        return bool(settings.WEBHOOK_LOOPBACK)
    if isinstance(found, IPv6Address):
        tunnelled = found.sixtofour or found.teredo
        return found in _UNICAST and found.is_global and not tunnelled
    return found.is_global and not found.is_multicast and found != _METADATA


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """An IPv4 address in IPv6's clothes is what it is."""
    found = ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _connected(found: Target, addresses: list[Address], deadline: float) -> socket.socket:
    """A connection to the first of `addresses` that takes one."""
    problem: OSError = OSError("no address")
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(deadline))
            connection.connect(address)
            return _encrypted(connection, found.host) if found.is_tls else connection
        except OSError as error:
            connection.close()
            problem = error
    raise problem


def _encrypted(connection: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def _request(found: Target, body: bytes) -> bytes:
    head = (
        f"POST {found.path} HTTP/1.1\r\nHost: {found.name}\r\nUser-Agent: mlconsole\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


def _status(connection: socket.socket, deadline: float) -> int:
    """Of the status line alone: `http.client` would wait for as many headers as somebody drips."""
    told = b""
    while b"\n" not in told and len(told) < STATUS_LINE:
        connection.settimeout(_left(deadline))
        more = connection.recv(STATUS_LINE - len(told))
        if not more:
            break
        told += more
    line = re.match(rb"HTTP/1\.[01] (\d{3})[ \r\n]", told)
    if not line:
        raise OSError("not an answer")
    return int(line[1])


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
