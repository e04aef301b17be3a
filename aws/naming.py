"""Names at AWS, made from a row alone: the same row, the same name, so every create is repeatable.

The limits are those of the API model: 63 characters of `[a-zA-Z0-9](-*[a-zA-Z0-9])*`, 32 for tuning
jobs (whose trials add 13). Names are lower-case throughout, because ARNs are: two names that differ
only in case would share one.
"""

import re
import unicodedata

NAME_LIMIT = 63
TUNING_NAME_LIMIT = 32
KEY_LIMIT = 24

_KEY = re.compile(r"[a-z0-9]+")


def slug(text: str) -> str:
    """`text` in lower-case ASCII letters and digits with single dashes between; it may be ""."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def training_job(slug: str, key: str) -> str:
    return _name(slug, key, NAME_LIMIT)


def processing_job(slug: str, key: str) -> str:
    return _name(slug, key, NAME_LIMIT)


def transform_job(slug: str, key: str) -> str:
    return _name(slug, key, NAME_LIMIT)


def tuning_job(slug: str, key: str) -> str:
    return _name(slug, key, TUNING_NAME_LIMIT)


def model(slug: str, key: str) -> str:
    return _name(slug, key, NAME_LIMIT)


def endpoint_config(slug: str, key: str) -> str:
    return _name(slug, key, NAME_LIMIT)


def endpoint(slug: str, key: str) -> str:
    return _name(slug, key, NAME_LIMIT)


def _name(text: str, key: str, limit: int) -> str:
    """`<slug>-<key>` within `limit`: the slug is for people and gets cut, the key is the identity.

    ValueError when the key is not 1 to 24 lower-case letters and digits.
    """
    if not _KEY.fullmatch(key) or len(key) > KEY_LIMIT:
        raise ValueError(f"A name's key is 1 to {KEY_LIMIT} lower-case letters and digits: {key!r}")
    head = slug(text)[: limit - len(key) - 1].strip("-")
    return f"{head}-{key}" if head else key
