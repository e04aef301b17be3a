"""From a CSV to a shared confusion matrix, over HTTP, against real processes."""

import re
import time

import pytest
import requests
from sklearn.datasets import load_breast_cancer

pytestmark = [pytest.mark.slow, pytest.mark.flow]


def breast_cancer():
    """scikit-learn's 569 real rows, the diagnosis as a word."""
    data = load_breast_cancer(as_frame=True)
    frame = data.frame.rename(columns={"target": "diagnosis"})
    frame["diagnosis"] = frame["diagnosis"].map(dict(enumerate(data.target_names)))
    return frame.to_csv(index=False).encode()


def anonymous() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def test_a_newcomer_gets_from_a_csv_to_a_shared_confusion_matrix(console):
    preparation = prepared(console)
    job = trained(console, preparation)
    endpoint = deployed(console, job)
    evaluation = evaluated(console, endpoint, preparation)
    wish = {"evaluation": evaluation["id"], "expires_in_days": 7}
    share = console.call("POST", "/shares", json=wish)
    assert_the_page_shows(share["url"], evaluation)

    console.call("DELETE", f"/endpoints/{endpoint['id']}")
    console.wait(f"/endpoints/{endpoint['id']}", "Deleted")
    assert_the_page_shows(share["url"], evaluation)

    console.call("DELETE", f"/shares/{share['id']}")
    assert anonymous().get(share["url"], timeout=10).status_code == 404


def prepared(console):
    dataset = console.dataset("cancer.csv", breast_cancer())
    assert (dataset["rows"], len(dataset["columns"])) == (569, 31)
    preparation = console.prepared(dataset["id"], "diagnosis", seed=7)
    rows = {name: channel["rows"] for name, channel in preparation["channels"].items()}
    assert sum(rows.values()) == 569
    assert rows["test"] == pytest.approx(57, abs=1)
    assert preparation["labels"] == ["benign", "malignant"]
    return preparation


def trained(console, preparation):
    job = console.job(preparation["id"], num_round=50, objective="binary:logistic")
    job = console.wait(f"/jobs/{job['id']}", "Completed")
    assert job["artifact"].endswith("/output/model.tar.gz")
    assert job["metrics"]["train:logloss"] < job["metrics"]["validation:logloss"] < 0.5
    assert job["billable_seconds"] >= 1
    return job


def deployed(console, job):
    endpoint = console.endpoint(job["id"])
    assert endpoint["hourly_cost"] > 0
    assert endpoint["idle"]["verdict"] == "too young"
    row = breast_cancer().splitlines()[1].rsplit(b",", 1)[0].decode()
    answer = console.call("POST", f"/endpoints/{endpoint['id']}/predict", json={"csv": row})
    assert answer["predictions"][0]["label"] == "malignant"
    assert answer["latency_ms"] > 0
    return endpoint


def evaluated(console, endpoint, preparation):
    body = {"endpoint": endpoint["id"], "preparation": preparation["id"], "split": "test"}
    made = console.call("POST", "/evaluations", json=body)
    evaluation = console.wait(f"/evaluations/{made['id']}", "Completed")
    assert evaluation["metrics"]["accuracy"] >= 0.93
    rows = preparation["channels"]["test"]["rows"]
    assert sum(map(sum, evaluation["confusion"])) == evaluation["rows"] == rows
    return evaluation


def assert_the_page_shows(url, evaluation):
    answer = anonymous().get(url, timeout=10)
    assert answer.status_code == 200
    cells = [int(text) for text in re.findall(r'<td class="shade-[^>]*>(\d+)', answer.text)]
    assert cells == [count for row in evaluation["confusion"] for count in row]
    assert f"{100 * evaluation['metrics']['accuracy']:.1f}" in answer.text


def test_stopping_a_job_is_honest(console):
    header, *rows = breast_cancer().splitlines()
    dataset = console.dataset("long.csv", b"\n".join([header, *rows * 30]))
    preparation = console.prepared(dataset["id"], "diagnosis")
    job = console.job(preparation["id"], num_round=4000, max_depth=10, objective="binary:logistic")
    deadline = time.monotonic() + 60
    while console.call("GET", f"/jobs/{job['id']}")["secondary_status"] != "Training":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    asked = console.call("POST", f"/jobs/{job['id']}/stop")
    assert asked["status"] in ("Stopping", "Stopped", "InProgress")
    stopped = console.wait(f"/jobs/{job['id']}", "Stopped")
    assert stopped["secondary_status"] == "Stopped"


def test_health_names_everything_that_must_answer(console):
    status, body = console.up.get("/healthz")
    assert status == 200
    for check in ("web", "database", "broker", "worker", "aws"):
        assert f'"check": "{check}", "ok": true' in body
