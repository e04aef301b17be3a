"""Amazon's protocols, driven by botocore's service models."""

from localaws.wire.registry import operation

__all__ = ["operation"]
