"""Predicting a split: our concurrent mini-batches against a serial loop, over one endpoint."""

import random
import time

from bench.console import Console

ROWS = 40_000
FEATURES = 20
SERIAL_ROWS = 400


def measure(console: Console) -> list[dict[str, object]]:
    dataset = console.dataset("many.csv", table())
    preparation = console.prepared(dataset["id"], "y", train=0.2, validation=0.1, test=0.7)
    job = console.job(preparation["id"], num_round=50, objective="binary:logistic")
    console.wait(f"/jobs/{job['id']}", "Completed")
    endpoint = console.endpoint(job["id"])
    serial = serial_rate(console, endpoint["id"])
    body = {"endpoint": endpoint["id"], "preparation": preparation["id"], "split": "test"}
    made = console.call("POST", "/evaluations", json=body)
    done = console.wait(f"/evaluations/{made['id']}", "Completed")
    rate = done["rows"] / done["seconds"]
    console.call("DELETE", f"/endpoints/{endpoint['id']}")
    return [
        {
            "figure": "evaluation",
            "unit": "rows/s",
            "value": round(rate),
            "serial": round(serial),
            "ratio": round(rate / serial, 1),
            "rows": done["rows"],
        }
    ]


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
