"""Lists, both versions, in pages."""

import pytest

KEYS = ["a", "b/1", "b/2", "b/c/3", "b0", "c//x", "d é+", "z/9"]


@pytest.fixture
def filled(s3, bucket):
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    return bucket


def keys_and_prefixes(pages):
    keys, prefixes = [], []
    for page in pages:
        keys += [item["Key"] for item in page.get("Contents", [])]
        prefixes += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
    return keys, prefixes


@pytest.mark.parametrize("version", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_it_pages_without_losing_or_repeating(s3, filled, version, size):
    def pages(**more):
        paginator = s3.get_paginator(version)
        return paginator.paginate(Bucket=filled, PaginationConfig={"PageSize": size}, **more)

    assert keys_and_prefixes(pages()) == (KEYS, [])
    assert keys_and_prefixes(pages(Delimiter="/")) == (["a", "b0", "d é+"], ["b/", "c/", "z/"])
    assert keys_and_prefixes(pages(Prefix="b/", Delimiter="/")) == (["b/1", "b/2"], ["b/c/"])
    assert keys_and_prefixes(pages(Prefix="b")) == (["b/1", "b/2", "b/c/3", "b0"], [])
    assert keys_and_prefixes(pages(Prefix="nothing")) == ([], [])


def test_it_starts_after_a_key(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled, StartAfter="b/2")
    assert [item["Key"] for item in answer["Contents"]] == KEYS[3:]
    inside = s3.list_objects_v2(Bucket=filled, StartAfter="b/1", Delimiter="/")
    assert inside["CommonPrefixes"][0] == {"Prefix": "b/"}


def test_it_counts_keys_and_prefixes_together(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled, Delimiter="/", MaxKeys=2)
    assert answer["KeyCount"] == 2
    assert answer["IsTruncated"]
    assert answer["NextContinuationToken"]


def test_it_treats_wildcards_in_a_prefix_as_letters(s3, bucket):
    for key in ("a%b", "a_b", "axb"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = s3.list_objects_v2(Bucket=bucket, Prefix="a_")
    assert [item["Key"] for item in answer["Contents"]] == ["a_b"]


def test_it_lists_a_key_that_xml_cannot_spell(s3, bucket):
    s3.put_object(Bucket=bucket, Key="tab\tand\x01more", Body=b"x")
    answer = s3.list_objects_v2(Bucket=bucket)
    assert [item["Key"] for item in answer["Contents"]] == ["tab\tand\x01more"]
