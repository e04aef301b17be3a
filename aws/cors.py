"""Which web pages may send to a bucket: its CORS rules, and the addresses that it answers at."""

from typing import Any
from urllib.parse import urlsplit

from aws.clients import Account, client, is_amazon
from aws.errors import NotFound, translated


def address(account: Account, bucket: str) -> str:
    """Where links to the bucket point, as a source of a Content-Security-Policy.

    S3 has the bucket in the host's name; with dots in it, or at another endpoint, in the path.
    """
    with translated():
        endpoint = client(account, "s3").meta.endpoint_url
    if is_amazon(endpoint) and "." not in bucket:
        parts = urlsplit(endpoint)
        return f"{parts.scheme}://{bucket}.{parts.netloc}"
    return f"{endpoint}/{bucket}/"


def allow_uploads(account: Account, bucket: str, origin: str) -> None:
    """Let pages of `origin` (`https://host`) PUT to the bucket; its other rules stay. Repeatable.

    `Denied` when we may not read or set the bucket's rules.
    """
    rules = _rules(account, bucket)
    if any(_allows(rule, origin) for rule in rules):
        return
    rules.append({"AllowedOrigins": [origin], "AllowedMethods": ["PUT"], "MaxAgeSeconds": 3_000})
    with translated():
        client(account, "s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def _rules(account: Account, bucket: str) -> list[Any]:
    try:
        with translated():
            return client(account, "s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
    except NotFound:
        return []


def _allows(rule: Any, origin: str) -> bool:
    return "PUT" in rule["AllowedMethods"] and bool({origin, "*"} & set(rule["AllowedOrigins"]))
