"""Batch transform on a real model."""

import gzip
from typing import Any

import pytest

from tests.localaws.lab import BUCKET, Lab, csv, refusal, until

ROWS = 40


class TransformLab(Lab):
    def transform(self, name: str, key: str, **members: Any) -> dict[str, Any]:
        self.sagemaker.create_transform_job(**transform_request(name, key) | members)
        return self.transformed(name)

    def transformed(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = until(
            lambda: self.sagemaker.describe_transform_job(TransformJobName=name),
            lambda job: "TransformEndTime" in job,
        )
        return found

    def output(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=BUCKET, Key=f"transformed/{key}")["Body"].read()
        return body


def transform_request(name: str, key: str, **source: Any) -> dict[str, Any]:
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{key}"}}
    return {
        "TransformJobName": name,
        "ModelName": "cancer",
        "TransformInput": {"DataSource": data, "ContentType": "text/csv", "SplitType": "Line"}
        | source,
        "TransformOutput": {
            "S3OutputPath": f"s3://{BUCKET}/transformed/",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


@pytest.fixture(scope="module")
def lab(localaws) -> TransformLab:
    lab = TransformLab(localaws)
    job = lab.trained("to-transform")
    lab.model("cancer", job["ModelArtifacts"]["S3ModelArtifacts"])
    rows = lab.features[:ROWS]
    lab.put("rows/a.csv", csv(rows))
    lab.put("rows/deep/b.csv", csv(rows[:3]))
    lab.put("zipped/rows.csv.gz", gzip.compress(csv(rows)))
    lab.put("ids/rows.csv", csv([[f"id-{n}", *row] for n, row in enumerate(rows)]))
    lab.put("broken-rows/rows.csv", b"1,2,3\nnot,a,number\n")
    return lab


@pytest.fixture(scope="module")
def plain(lab):
    """A finished job over the two objects below rows/."""
    return lab.transform("plain", "rows/")


def test_it_writes_one_output_per_input(lab, plain):
    assert plain["TransformJobStatus"] == "Completed"
    assert plain["TransformStartTime"] <= plain["TransformEndTime"]
    lines = lab.output("a.csv.out").decode().splitlines()
    assert len(lines) == ROWS
    assert lab.output("deep/b.csv.out").decode().splitlines() == lines[:3]


def test_it_answers_as_an_endpoint_does(lab, plain):
    lab.config("to-compare", cancer=1)
    lab.endpoint("to-compare", "to-compare")
    try:
        answer = lab.ask("to-compare", csv(lab.features[:3]), Accept="text/csv")
    finally:
        lab.leave()
    assert lab.output("deep/b.csv.out").split() == answer.replace(b",", b"\n").split()


def test_it_describes_and_lists_what_it_filled_in(lab, plain):
    assert plain["MaxPayloadInMB"] == 6
    assert plain["DataProcessing"]["JoinSource"] == "None"
    assert "Resolved" not in plain
    [listed] = lab.sagemaker.list_transform_jobs(NameContains="plain")["TransformJobSummaries"]
    assert listed["TransformJobArn"] == plain["TransformJobArn"]
    assert listed["TransformJobStatus"] == "Completed"
    assert lab.sagemaker.list_tags(ResourceArn=plain["TransformJobArn"])["Tags"] == []


def test_it_keeps_the_log_of_the_model(lab, plain):
    assert any(
        "/invocations" in line for line in lab.logged("/aws/sagemaker/TransformJobs", "plain/")
    )


def test_it_joins_answers_to_the_rows(lab, plain):
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    request = {"DataProcessing": processing, "BatchStrategy": "MultiRecord"}
    assert lab.transform("joined", "ids/", **request)["TransformJobStatus"] == "Completed"
    joined = [line.split(",") for line in lab.output("rows.csv.out").decode().splitlines()]
    assert [name for name, _ in joined] == [f"id-{n}" for n in range(ROWS)]
    assert [value for _, value in joined] == lab.output("a.csv.out").decode().splitlines()


def test_it_sends_single_records_side_by_side(lab, plain):
    request = {"BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 4}
    request["TransformOutput"] = transform_request("x", "x")["TransformOutput"] | {
        "S3OutputPath": f"s3://{BUCKET}/transformed/single"
    }
    assert lab.transform("single", "rows/a.csv", **request)["TransformJobStatus"] == "Completed"
    assert lab.output("single/a.csv.out") == lab.output("a.csv.out")


def test_it_reads_zipped_input(lab, plain):
    source = transform_request("x", "zipped/", CompressionType="Gzip")["TransformInput"]
    assert lab.transform("zip", "", TransformInput=source)["TransformJobStatus"] == "Completed"
    assert lab.output("rows.csv.gz.out") == lab.output("a.csv.out")


def test_it_fails_with_the_answer_of_the_model(lab):
    job = lab.transform("failing", "broken-rows/")
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: See job logs for more information")
    streams = lab.localaws.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TransformJobs", logStreamNamePrefix="failing/"
    )["logStreams"]
    [data_log] = [s["logStreamName"] for s in streams if s["logStreamName"].endswith("data-log")]
    lines = lab.logged("/aws/sagemaker/TransformJobs", data_log)
    as_the_sdk_asks = lab.localaws.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TransformJobs",
        logStreamNamePrefix="failing/",
        orderBy="LogStreamName",
        limit=1,
    )
    assert "nextToken" not in as_the_sdk_asks
    assert (
        lines[0] == f"{BUCKET}/broken-rows/rows.csv: Bad HTTP status received from algorithm: 415"
    )


@pytest.mark.parametrize(
    ("name", "key", "members", "reason"),
    [
        (
            "why-empty",
            "nothing/",
            {},
            'No S3 objects found under S3 URL "s3://lab-bucket/nothing/"',
        ),
        ("why-path", "rows/", {"DataProcessing": {"OutputFilter": "$[99]"}}, "nothing at $[99]"),
        ("why-split", "rows/a.csv", {"TransformInput": None}, "is no RecordIO"),
    ],
)
def test_it_says_why_it_failed(lab, name, key, members, reason):
    if "TransformInput" in members:
        source = transform_request("x", key, SplitType="RecordIO")["TransformInput"]
        members = members | {"TransformInput": source}
    job = lab.transform(name, key, **members)
    assert job["TransformJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 4}, "can not be more than 100 MB"),
        ({"DataProcessing": {"InputFilter": "1:"}}, "does not begin with $"),
        ({"ModelName": "nobody"}, 'Could not find model "arn:aws:sagemaker:'),
    ],
)
def test_it_refuses_requests(lab, members, complaint):
    create = lab.sagemaker.create_transform_job
    code, message = refusal(create, **transform_request("refused", "rows/") | members)
    assert code == "ValidationException"
    assert complaint in message


def test_it_words_names_as_the_service_does(lab, plain):
    client, name = lab.sagemaker, {"TransformJobName": "nobody"}
    missing = "Could not find requested job with name: nobody"
    assert refusal(client.describe_transform_job, **name)[1] == missing
    missing = "Could not find job to update with name: nobody"
    assert refusal(client.stop_transform_job, **name)[1] == missing
    done = refusal(client.stop_transform_job, TransformJobName="plain")[1]
    assert done.endswith("because the transform job is in status Completed.")
    again = refusal(client.create_transform_job, **transform_request("plain", "rows/"))
    assert again[0] == "ResourceInUse"
