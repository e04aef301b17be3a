"""Which function serves which operation."""

from collections.abc import Callable
from typing import Any

from localaws.app import App
from localaws.errors import not_implemented

Handler = Callable[[App, dict[str, Any]], dict[str, Any] | None]

_handlers: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register `handler(app, request) -> response` for an operation of a botocore service.

    The request is parsed and valid: only modelled members, datetimes aware, blobs bytes. Members of
    the response that the output shape does not have are left out, so a handler may echo freely.
    """

    def register(handler: Handler) -> Handler:
        if (service, name) in _handlers:
            raise ValueError(f"{service}.{name} has two handlers")
        _handlers[service, name] = handler
        return handler

    return register


def handler(service: str, name: str) -> Handler:
    """Raises AwsError naming the operation when nothing serves it."""
    try:
        return _handlers[service, name]
    except KeyError:
        raise not_implemented(name) from None


def operations() -> frozenset[tuple[str, str]]:
    return frozenset(_handlers)
