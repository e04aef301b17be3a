"""The router of this package: one, because operations on one path must share it."""

from ninja import Router

router = Router(tags=["results"])
