"""What was acknowledged is there after the process was killed."""

import hashlib
import os
import subprocess
import sys
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError

from tests.localaws.conftest import ROOT


def put_until_killed(service, acknowledged, writer):
    s3 = service.client("s3", connect_timeout=2, read_timeout=5)
    for n in range(10_000):
        content = os.urandom(5000 + n)
        try:
            s3.put_object(Bucket="data", Key=f"{writer}/{n}", Body=content)
        except (BotoCoreError, ClientError):
            return
        acknowledged[f"{writer}/{n}"] = hashlib.sha256(content).digest()


def test_it_loses_nothing_acknowledged_when_killed_under_load(own_localaws):
    own_localaws.client("s3").create_bucket(Bucket="data")
    acknowledged: dict[str, bytes] = {}
    writers = [
        threading.Thread(target=put_until_killed, args=(own_localaws, acknowledged, n))
        for n in range(3)
    ]
    for writer in writers:
        writer.start()
    deadline = time.monotonic() + 20
    while len(acknowledged) < 40 and time.monotonic() < deadline:
        time.sleep(0.02)
    own_localaws.kill()
    for writer in writers:
        writer.join(20)
    own_localaws.restart()
    s3 = own_localaws.client("s3")
    assert len(acknowledged) >= 40
    for key, digest in acknowledged.items():
        content = s3.get_object(Bucket="data", Key=key)["Body"].read()
        assert hashlib.sha256(content).digest() == digest


def test_it_keeps_metadata_credentials_uploads_and_logs_over_a_restart(own_localaws):
    s3, logs = own_localaws.client("s3"), own_localaws.client("logs")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="k", Body=b"x", Metadata={"run": "1"}, ContentType="text/csv")
    upload = s3.create_multipart_upload(Bucket="data", Key="big")["UploadId"]
    part = s3.upload_part(Bucket="data", Key="big", UploadId=upload, PartNumber=1, Body=b"part")
    logs.create_log_group(logGroupName="g")
    key = own_localaws.access_key
    own_localaws.kill()
    own_localaws.restart()
    assert own_localaws.access_key == key
    head = s3.head_object(Bucket="data", Key="k")
    assert (head["Metadata"], head["ContentType"]) == ({"run": "1"}, "text/csv")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(
        Bucket="data", Key="big", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert logs.describe_log_groups()["logGroups"][0]["logGroupName"] == "g"


def test_it_sweeps_what_a_crash_left_and_nothing_else(own_localaws):
    s3 = own_localaws.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="k", Body=b"kept")
    orphan = own_localaws.data / "blobs" / "ab" / ("ab" + "0" * 30)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"half an upload")
    own_localaws.kill()
    time.sleep(1.1)  # files of the last second may belong to a running upload
    own_localaws.restart()
    deadline = time.monotonic() + 10
    while orphan.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert s3.get_object(Bucket="data", Key="k")["Body"].read() == b"kept"


def test_it_stops_quickly_and_cleanly(own_localaws):
    own_localaws.client("s3").list_buckets()  # its connection stays open
    began = time.monotonic()
    assert own_localaws.stop() == 0
    assert time.monotonic() - began < 3


def test_it_refuses_a_data_directory_in_use_and_a_port_in_use(own_localaws, tmp_path):
    def start(port, data):
        command = [sys.executable, "-m", "localaws", "--port", str(port), "--data", str(data)]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )

    shared = start(0, own_localaws.data)
    assert shared.returncode == 1
    assert "another localaws is running on" in shared.stderr
    taken = start(own_localaws.port, tmp_path / "other")
    assert taken.returncode == 1
    assert f"cannot start on 127.0.0.1:{own_localaws.port}" in taken.stderr
