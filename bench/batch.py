"""100,000 rows of a file: a batch prediction beside the tutorials' loop, over one endpoint.

The loop is that of Amazon's XGBoost notebooks: `np.array_split` into chunks of 500 rows, a call for
one after the other, and the answers joined. Every call takes 20 ms longer, as it does over a
network. Both in one run, on one endpoint and the same file, with the same predictions.
"""

import io
import json
import random
import statistics
import time
from typing import Any

import requests

from bench.console import Console

ROWS = 100_000
FEATURES = 10
LEARNED = 4_000
CHUNK = 500
LATENCY = 0.020  # seconds
ROUNDS = 3  # of both, one after the other; the median counts
AIM = 6.0


def measure(console: Console) -> list[dict[str, object]]:
    endpoint = _serving(console)
    table = rows(ROWS)
    _slow(console, LATENCY)
    try:
        rounds = [_round(console, endpoint["id"], table) for _ in range(ROUNDS)]
    finally:
        _slow(console, 0)
    console.call("DELETE", f"/endpoints/{endpoint['id']}")
    serial, ours = (statistics.median(seconds) for seconds in zip(*rounds, strict=True))
    return [
        {
            "figure": "batch",
            "unit": "rows/s",
            "value": round(ROWS / ours),
            "serial": round(ROWS / serial),
            "ratio": round(serial / ours, 1),
            "aim": AIM,
            "rows": ROWS,
            "latency_ms": 1000 * LATENCY,
            "same_predictions": True,  # or it would have ended above
        }
    ]


def _round(console: Console, endpoint: str, table: list[str]) -> tuple[float, float]:
    """Seconds of the loop and of a batch; RuntimeError when they predict different things."""
    serial, scores = _serial(endpoint, table)
    done = _batch(console, endpoint, table)
    if _scores(console, done["id"]) != scores:
        raise RuntimeError("The batch and the loop predict different things.")
    return serial, _moment(done["ended_at"]) - _moment(done["started_at"])


def rows(count: int) -> list[str]:
    """Lines of features."""
    chance = random.Random(0)  # noqa: S311  data, not secrets
    return [",".join(f"{chance.gauss(0, 1):.4f}" for _ in range(FEATURES)) for _ in range(count)]


def _header() -> str:
    return ",".join(f"x{number}" for number in range(FEATURES))


def _serving(console: Console) -> Any:
    lines = rows(LEARNED)
    sums = [sum(map(float, line.split(",")[:3])) for line in lines]
    labelled = [f"{line},{int(total > 0)}" for line, total in zip(lines, sums, strict=True)]
    body = "\n".join([f"{_header()},y", *labelled]).encode()
    dataset = console.dataset("learned.csv", body)
    preparation = console.prepared(dataset["id"], "y")
    job = console.job(preparation["id"], num_round=20, objective="binary:logistic")
    console.wait(f"/jobs/{job['id']}", "Completed")
    return console.endpoint(job["id"])


def _slow(console: Console, seconds: float) -> None:
    """Let each call of the endpoint take so much longer."""
    folder = console.up.data_dir
    secret = json.loads((folder / "localaws" / "credentials.json").read_text())
    port = json.loads((folder / "ports.json").read_text())["localaws"]
    rule = {"service": "sagemaker-runtime", "kind": "latency", "seconds": seconds}
    answer = requests.put(
        f"http://127.0.0.1:{port}/_localaws/faults",
        data=json.dumps([rule] if seconds else []),
        headers={"X-Localaws-Secret": secret["secret_access_key"]},
        proxies={"http": ""},
        timeout=10,
    )
    answer.raise_for_status()


def _serial(endpoint: str, lines: list[str]) -> tuple[float, list[float]]:
    """Seconds of the loop, and what it predicts."""
    import django
    import numpy as np

    django.setup()
    from aws import runtime
    from endpoints.models import Endpoint

    row = Endpoint.objects.select_related("workspace").get(uid=endpoint)
    body = "\n".join(lines)
    began = time.perf_counter()
    data = np.loadtxt(io.StringIO(body), delimiter=",")
    answers = ""
    for chunk in np.array_split(data, int(data.shape[0] / float(CHUNK) + 1)):
        sent = io.StringIO()
        np.savetxt(sent, chunk, delimiter=",", fmt="%s")
        answer = runtime.invoke_endpoint(
            row.workspace.account,
            row.aws_name,
            sent.getvalue().rstrip().encode(),
            content_type="text/csv",
            accept="text/csv",
        )
        answers = ",".join([answers, answer.body.decode().strip().replace("\n", ",")])
    scores = np.array(answers[1:].split(","), dtype=np.float64)
    return time.perf_counter() - began, scores.tolist()


def _batch(console: Console, endpoint: str, lines: list[str]) -> Any:
    body = "\n".join([_header(), *lines]).encode()
    fields = {"endpoint": endpoint, "name": "bench"}
    files = {"file": ("rows.csv", body)}
    made = console.call("POST", "/batches/uploads", files=files, data=fields)
    return console.wait(f"/batches/{made['id']}", "Completed")


def _scores(console: Console, batch: str) -> list[float]:
    import pyarrow.parquet as pq

    url = f"{console.up.url}/api/v1/batches/{batch}/predictions.parquet"
    answer = console.http.get(url, timeout=60)
    answer.raise_for_status()
    table = pq.read_table(io.BytesIO(answer.content))
    scores: list[float] = table["score_1"].to_pylist()
    return scores


def _moment(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()
