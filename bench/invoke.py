"""What InvokeEndpoint costs over calling the same model in this process."""

import io
import statistics
import tarfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bench.console import Console
from bench.latency import table

CALLS = 300
THREADS = 16


def measure(console: Console) -> list[dict[str, object]]:
    dataset = console.dataset("invoke.csv", table())
    preparation = console.prepared(dataset["id"], "target")
    job = console.job(preparation["id"], num_round=50, objective="binary:logistic")
    console.wait(f"/jobs/{job['id']}", "Completed")
    endpoint = console.endpoint(job["id"])
    line = table().splitlines()[1].rsplit(b",", 1)[0]
    in_process, through_endpoint = callers(endpoint["id"], line)
    figures = [
        figure(
            f"invoke_{threads}",
            timed(through_endpoint, threads=threads),
            timed(in_process, threads=threads),
        )
        for threads in (1, THREADS)
    ]
    console.call("DELETE", f"/endpoints/{endpoint['id']}")
    return figures


def callers(uid: str, line: bytes) -> tuple[Callable[[], object], Callable[[], object]]:
    """Predict one row with the artifact loaded here, and with the endpoint."""
    import django

    django.setup()
    import numpy as np
    import xgboost

    from aws import runtime, s3
    from endpoints.models import Endpoint

    row = Endpoint.objects.select_related("workspace", "model").get(uid=uid)
    if row.model is None:
        raise RuntimeError("The endpoint has no model of ours.")
    account = row.workspace.account
    packed = s3.get_object(account, *s3.parse_uri(row.model.artifact))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        file = archive.extractfile("xgboost-model")
        booster = xgboost.Booster(model_file=bytearray(file.read() if file else b""))

    def here() -> object:
        values = np.array([line.decode().split(",")], dtype=np.float32)
        return booster.predict(xgboost.DMatrix(values))

    def there() -> object:
        return runtime.invoke_endpoint(account, row.aws_name, line, content_type="text/csv")

    return here, there


def timed(call: Callable[[], object], *, threads: int) -> list[float]:
    """Milliseconds of each of `CALLS` calls, by that many threads at once."""

    def one(_: int) -> float:
        started = time.perf_counter()
        call()
        return 1000 * (time.perf_counter() - started)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(CALLS)))


def figure(name: str, through: list[float], alone: list[float]) -> dict[str, object]:
    p99, base = statistics.quantiles(through, n=100)[98], statistics.quantiles(alone, n=100)[98]
    median, base_median = statistics.median(through), statistics.median(alone)
    return {
        "figure": name,
        "unit": "ms",
        "p50": round(median, 2),
        "p99": round(p99, 2),
        "in_process_p50": round(base_median, 2),
        "in_process_p99": round(base, 2),
        "overhead_p50": round(median - base_median, 2),
    }
