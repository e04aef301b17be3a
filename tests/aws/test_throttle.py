"""Token buckets that are one moment each: what they give, and how they recover."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from aws import clients, errors, throttle
from aws.clients import Account
from aws.throttle import Pace

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PACE = Pace(per_second=2, burst=5)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def test_a_full_bucket_gives_its_burst_and_no_more():
    count, full_at = throttle.granted(NOW - timedelta(hours=1), NOW, PACE, 9)
    assert count == 5
    assert throttle.granted(full_at, NOW, PACE, 1)[0] == 0


def test_it_fills_at_its_pace():
    _, full_at = throttle.granted(NOW, NOW, PACE, 5)
    assert throttle.granted(full_at, after(0.4), PACE, 9)[0] == 0
    assert throttle.granted(full_at, after(0.5), PACE, 9)[0] == 1
    assert throttle.granted(full_at, after(2), PACE, 9)[0] == 4


def test_over_a_minute_it_gives_no_more_than_burst_and_pace():
    given, full_at = 0, NOW
    for tenth in range(600):
        count, full_at = throttle.granted(full_at, after(tenth / 10), PACE, 3)
        given += count
    assert 2 * 60 <= given <= 2 * 60 + 5


def test_it_waits_after_a_refusal_and_begins_slowly():
    full_at = throttle.emptied(NOW, PACE, wait=10)
    assert throttle.granted(full_at, after(10), PACE, 9)[0] == 0
    assert throttle.granted(full_at, after(10.5), PACE, 9)[0] == 1


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_it_backs_off_longer_each_time_and_never_for_ever(chance):
    waits = [throttle.backoff(failures, chance) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert 1 <= waits[0] <= 2
    assert 30 <= waits[-1] <= throttle.SLOWEST


def test_it_waits_at_least_as_long_as_aws_says():
    assert throttle.backoff(1, 0.0, retry_after=30) == 30


def test_an_error_says_how_long_aws_wants_us_to_wait():
    answer = {
        "Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {"retry-after": "7"}},
    }
    with pytest.raises(errors.Throttled) as refusal, errors.translated():
        raise ClientError(answer, "ListTrainingJobs")
    assert refusal.value.retry_after == 7


def test_retries_are_chosen_and_not_left_to_boto3(monkeypatch):
    """Three tries for a person's click, one for those who come again; never boto3's default."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    monkeypatch.setenv("AWS_RETRY_MODE", "legacy")
    for account, attempts, seconds in (
        (Account("us-east-1"), 3, clients.READ_TIMEOUT),
        (Account("us-east-1", answer_within=10), 1, 10),
    ):
        config = clients.client(account, "sagemaker").meta.config
        assert config.retries["mode"] == "standard"
        assert config.retries["total_max_attempts"] == attempts
        assert config.read_timeout == seconds
