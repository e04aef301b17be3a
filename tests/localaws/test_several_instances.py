"""Jobs that ask for several instances run on one host, and say so."""

import pytest

from tests.localaws.lab import BUCKET, Lab, channel

GROUP = "/aws/sagemaker/TrainingJobs"
SIZE = {"InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    return Lab(localaws)


def sharded(name):
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/cancer/{name}/"}
    source["S3DataDistributionType"] = "ShardedByS3Key"
    return channel(name, DataSource={"S3DataSource": source})


def remarks(lab, name):
    return [line for line in lab.logged(GROUP, name) if "one host" in line or "Sharded" in line]


def test_it_runs_one_host_and_says_so(lab):
    job = lab.trained(
        "three-hosts",
        ResourceConfig=SIZE | {"InstanceCount": 3},
        InputDataConfig=[sharded("train"), channel("validation")],
    )
    assert job["ResourceConfig"]["InstanceCount"] == 3
    assert remarks(lab, "three-hosts") == [
        "localaws runs this job on one host, algo-1, instead of 3 instances.",
        "algo-1 has all objects of the ShardedByS3Key channel train.",
    ]
    assert any("train matrix has 400 rows" in line for line in lab.logged(GROUP, "three-hosts"))


def test_it_counts_instance_groups(lab):
    groups = [
        {"InstanceGroupName": name, "InstanceType": "ml.m5.large", "InstanceCount": 2}
        for name in ("a", "b")
    ]
    lab.trained("groups", ResourceConfig={"VolumeSizeInGB": 10, "InstanceGroups": groups})
    (line,) = remarks(lab, "groups")
    assert "instead of 4 instances" in line


def test_it_says_nothing_about_one_instance(lab):
    lab.trained("one-host", InputDataConfig=[sharded("train")])
    assert remarks(lab, "one-host") == []
