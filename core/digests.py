"""Secrets that a person carries: random when made, only their SHA-256 kept."""

import hashlib
import secrets


def new_secret(prefix: str = "") -> str:
    """`prefix` and 256 random bits, URL-safe."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
