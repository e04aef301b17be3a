"""A program's upload in parts, and a web process that is killed in the middle of one."""

import hashlib
import os
import signal

import pytest
import requests

from tests.browser.conftest import process
from tests.flow.test_story import breast_cancer

pytestmark = [pytest.mark.slow, pytest.mark.flow]


def test_an_upload_survives_the_web_process(console):
    table = breast_cancer()
    header, _, rows = table.partition(b"\n")
    content = header + b"\n" + rows * (20 * 2**20 // len(rows))
    wish = {"filename": "cut.csv", "bytes": len(content), "fingerprint": "cut"}
    upload = console.call("POST", "/uploads", json=wish)
    place, size = f"/uploads/{upload['id']}", upload["part_bytes"]
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    console.call("PUT", f"{place}/parts/1", data=parts[0])

    def cut():
        yield parts[1][: size // 2]
        os.kill(process(console, "uvicorn"), signal.SIGKILL)
        yield parts[1][size // 2 :]

    with pytest.raises(requests.ConnectionError):
        console.call("PUT", f"{place}/parts/2", data=cut())
    console.up.wait_ready()

    again = console.call("POST", "/uploads", json=wish)
    assert (again["id"], again["parts"]) == (upload["id"], [1])
    for number in (2, 3):
        console.call("PUT", f"{place}/parts/{number}", data=parts[number - 1])
    console.call("POST", f"{place}/complete")
    found = console.wait(f"/datasets/{upload['id']}", "Ready")
    assert found["rows"] == content.count(b"\n") - 1
    assert found["bytes"] == len(content)
    assert found["sha256"] == hashlib.sha256(content).hexdigest()

    other = console.call("POST", "/datasets", files={"file": ("other name.csv", content)})
    assert other["same_as"] == upload["id"], "the same file twice is noticed"
