"""Evaluating a split: mini-batches, scores and slices against a serial loop, over one endpoint."""

import random
import time

from bench.console import Console

ROWS = 140_000
TEST = 100_000 / ROWS
FEATURES = 20
SERIAL_ROWS = 400
LOOKS = 10


def measure(console: Console) -> list[dict[str, object]]:
    dataset = console.dataset("many.csv", table())
    rest = round((1 - TEST) / 2, 6)
    preparation = console.prepared(
        dataset["id"], "y", train=rest, validation=rest, test=1 - 2 * rest
    )
    job = console.job(preparation["id"], num_round=50, objective="binary:logistic")
    console.wait(f"/jobs/{job['id']}", "Completed")
    endpoint = console.endpoint(job["id"])
    serial = serial_rate(console, endpoint["id"])
    body = {"endpoint": endpoint["id"], "preparation": preparation["id"], "split": "test"}
    made = console.call("POST", "/evaluations", json=body)
    done = console.wait(f"/evaluations/{made['id']}", "Completed")
    rate = done["rows"] / done["seconds"]
    first, again = looks(console, made["id"])
    console.call("DELETE", f"/endpoints/{endpoint['id']}")
    return [
        {
            "figure": "evaluation",
            "unit": "rows/s",
            "value": round(rate),
            "serial": round(serial),
            "ratio": round(rate / serial, 1),
            "rows": done["rows"],
        },
        {
            "figure": "rows_behind_a_cell",
            "unit": "ms",
            "value": round(1_000 * again),
            "first": round(1_000 * first),
            "rows": done["rows"],
        },
    ]


def looks(console: Console, evaluation: str) -> tuple[float, float]:
    """Seconds until twenty of the mistakes are there: the first time, and the slowest other one."""
    seconds = []
    for page in range(1, LOOKS + 1):
        began = time.perf_counter()
        address = f"/evaluations/{evaluation}/rows?wrong=1&sort=-confidence&page={page}"
        assert len(console.call("GET", address)["rows"]) > 0
        seconds.append(time.perf_counter() - began)
    return seconds[0], max(seconds[1:])


def table() -> bytes:
    random.seed(0)
    lines = [",".join([*(f"x{n}" for n in range(FEATURES)), "y"])]
    for _ in range(ROWS):
        values = [random.gauss(0, 1) for _ in range(FEATURES)]
        lines.append(",".join([*(f"{v:.5f}" for v in values), str(int(sum(values[:3]) > 0))]))
    return "\n".join(lines).encode()


def serial_rate(console: Console, endpoint: str) -> float:
    """Rows a second of a loop that sends one row a call through the gateway, as notebooks do."""
    import django

    django.setup()
    from aws import runtime
    from endpoints.models import Endpoint

    row = Endpoint.objects.select_related("workspace").get(uid=endpoint)
    line = ",".join("0.5" for _ in range(FEATURES)).encode()
    started = time.perf_counter()
    for _ in range(SERIAL_ROWS):
        runtime.invoke_endpoint(row.workspace.account, row.aws_name, line, content_type="text/csv")
    return SERIAL_ROWS / (time.perf_counter() - started)
