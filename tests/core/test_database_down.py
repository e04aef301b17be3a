"""With the database away, pages and API say 503 and when to come back, not that we broke."""

import os
import subprocess
import sys

CODE = """
import django; django.setup()
from django.test import Client

def visit(path, **headers):
    client = Client(raise_request_exception=False)
    if path == "/":
        client.cookies["sessionid"] = "a" * 32
    answer = client.get(path, headers=headers)
    said = b"database does not answer" in answer.content
    print(answer.status_code, answer.get("Retry-After", "-"), said)

visit("/")
visit("/api/v1/jobs", Authorization="Bearer mlc_x")
visit("/livez")
"""


def test_it_says_so_with_503(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "MLCONSOLE_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "postgres://nobody:x@127.0.0.1:1/nothing",
        "DJANGO_SETTINGS_MODULE": "mlconsole.settings",
        "ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["503 10 True", "503 - True", "200 - False"]
