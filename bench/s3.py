"""localaws's S3 beside moto's server, in the same run: 1 GB up and down, speed and peak memory."""

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import boto3
import psutil
from botocore.config import Config

from bench.console import Console, find_free_port
from bench.upload import Growth

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SIZE = 2**30
BUCKET = "bench-bucket"
KEY = "big"


class Zeros(io.RawIOBase):
    """`SIZE` bytes that cost nothing to make."""

    def __init__(self) -> None:
        super().__init__()
        self._left = SIZE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        count = min(len(buffer), self._left)
        buffer[:count] = bytes(count)
        self._left -= count
        return count


def measure(console: Console) -> list[dict[str, object]]:
    folder = console.up.data_dir.parent
    with localaws(folder / "s3") as (client, process):
        ours = transfer(client, process)
    with moto() as (client, process):
        theirs = transfer(client, process)
    return [
        {
            "figure": f"s3_{name}",
            "unit": unit,
            "value": ours[name],
            "moto": theirs[name],
            "ratio": round(ours[name] / theirs[name], 2),
        }
        for name, unit in (("up", "MB/s"), ("down", "MB/s"), ("peak_rss", "MB"))
    ]


def transfer(client: "S3Client", process: psutil.Process) -> dict[str, float]:
    """`SIZE` bytes to the server and back, by boto3's own multipart transfer."""
    client.create_bucket(Bucket=BUCKET)
    with Growth(process) as growth:
        started = time.monotonic()
        client.upload_fileobj(cast("BinaryIO", Zeros()), BUCKET, KEY)
        middle = time.monotonic()
        body = client.get_object(Bucket=BUCKET, Key=KEY)["Body"]
        seen = sum(len(chunk) for chunk in body.iter_chunks(2**20))
        ended = time.monotonic()
    if seen != SIZE:
        raise RuntimeError(f"{seen} bytes came back of {SIZE}.")
    return {
        "up": round(SIZE / 1e6 / (middle - started), 1),
        "down": round(SIZE / 1e6 / (ended - middle), 1),
        "peak_rss": round(growth.peak / 1e6, 1),
    }


@contextmanager
def localaws(data: Path) -> Iterator[tuple["S3Client", psutil.Process]]:
    import json

    port = find_free_port()
    command = [sys.executable, "-m", "localaws", "--port", str(port), "--data", str(data)]
    with running(command, port) as process:
        keys = json.loads((data / "credentials.json").read_text())
        yield client(port, keys["access_key_id"], keys["secret_access_key"]), process


@contextmanager
def moto() -> Iterator[tuple["S3Client", psutil.Process]]:
    port = find_free_port()
    command = [sys.executable, "-m", "moto.server", "--port", str(port)]
    with running(command, port) as process:
        yield client(port, "test", "test"), process


def client(port: int, key: str, secret: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(proxies={}, s3={"payload_signing_enabled": False}),
    )


@contextmanager
def running(command: list[str], port: int) -> Iterator[psutil.Process]:
    """A server process that accepts connections on `port`."""
    import socket

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError(f"{command[2]} did not start.")
            time.sleep(0.05)
        try:
            yield psutil.Process(server.pid)
        finally:
            server.terminate()
