"""Failure reasons, explained."""

import pytest

from jobs.failures import explained


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("AlgorithmError: Extraneous hyperparameter found: etta", "hyperparameter"),
        ("ValidationException: No S3 objects found under S3 URL", "data are no longer"),
        ("ValidationException: Could not assume role arn:…", "role"),
        ("ResourceLimitExceeded: The account-level service limit 'ml.m5.large'", "limit"),
        ("CapacityError: Unable to provision requested ML compute capacity", "no free instance"),
        ("AlgorithmError: exit code: 137", "memory"),
        ("AlgorithmError: base_score must be in (0,1), label must be in [0,1]", "target's values"),
        ("MaxRuntimeExceeded", "maximum runtime"),
        ("A job that this console did not make already has this name: x.", "has the job's name"),
        ("The job is no longer at AWS.", "deleted the job"),
        ("ValidationException: 1 validation error detected: Value 'x'", "refused the request"),
        ("Segmentation fault", "ended with an error"),
    ],
)
def test_it_tells_the_cause_and_what_to_do(reason, part):
    found = explained(reason)
    assert part in found.cause
    assert found.advice.endswith(".")
