"""Links that download one object for a while, under a name of ours."""

import urllib.error
import urllib.request
from datetime import timedelta

import pytest

from aws import s3


@pytest.fixture
def bucket(account, name):
    s3.ensure_bucket(account, name)
    s3.put_object(account, name, "a folder/x.csv", b"a,b\n")
    return name


def download(link):
    return urllib.request.urlopen(link, timeout=5)  # noqa: S310  # made by the test's own service


@pytest.mark.parametrize("expires", [60, timedelta(minutes=1)])
def test_it_links_to_an_object(account, bucket, expires):
    link = s3.presign_get(
        account, bucket, "a folder/x.csv", expires=expires, filename='té"st\r\nX: y.csv'
    )
    with download(link) as answer:
        assert answer.read() == b"a,b\n"
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename*=UTF-8''t%C3%A9%22st%0D%0AX%3A%20y.csv"
        )
        assert answer.headers["X"] is None


def test_it_opens_nothing_else(local, name):
    s3.ensure_bucket(local, name)
    s3.put_object(local, name, "mine", b"")
    s3.put_object(local, name, "theirs", b"")
    link = s3.presign_get(local, name, "mine", expires=60)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        download(link.replace("mine", "theirs"))
    refusal.value.close()
    assert refusal.value.code == 403
