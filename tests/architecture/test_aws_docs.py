"""docs/aws.md lists every call that aws/ makes, and its policy grants what the list says."""

import ast
import json
import re
from pathlib import Path

import botocore.session
from botocore import xform_name

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "aws.md").read_text()
SERVICES = (
    *("s3", "sagemaker", "sagemaker-runtime", "logs", "cloudwatch", "sts", "iam"),
    *("pricing", "service-quotas", "sqs", "application-autoscaling"),
)
# What boto3 adds to the operations of a client.
ADDED = {"upload_file", "upload_fileobj", "download_file", "download_fileobj", "copy"} | {
    "generate_presigned_url",
    "generate_presigned_post",
    "get_waiter",
}
MADE_BY_BOTOCORE = {"assume_role"}

ROW = re.compile(
    r"^\| (?P<service>[\w-]+) \| `(?P<call>\w+)` \| .+ \| (?P<permissions>.+) \|$", re.M
)


def operations() -> set[str]:
    session = botocore.session.get_session()
    return ADDED | {
        xform_name(operation)
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    }


def calls_of(tree: ast.AST, known: set[str]) -> set[str]:
    """Methods called on whatever is a client: `x.verb(…)` and `x.get_paginator("verb")`."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        verb = node.func.attr
        if verb == "get_paginator" and isinstance(node.args[0], ast.Constant):
            verb = str(node.args[0].value)
        if verb in known:
            found.add(verb)
    return found


def made() -> set[str]:
    """Calls of the modules that get a client; only aws/clients.py makes one (see below)."""
    known = operations()
    sources = [file.read_text() for file in (ROOT / "aws").rglob("*.py")]
    speakers = [source for source in sources if "from aws.clients import" in source]
    return set().union(*(calls_of(ast.parse(source), known) for source in speakers))


def listed() -> dict[str, set[str]]:
    """The page's calls and the permissions each needs."""
    return {
        row["call"]: set(re.findall(r"`(.+?)`", row["permissions"])) for row in ROW.finditer(PAGE)
    }


def granted() -> set[str]:
    policy = json.loads(re.findall(r"```json\n(.+?)```", PAGE, re.S)[0])
    return {
        action
        for statement in policy["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }


def test_it_finds_calls_of_both_kinds():
    tree = ast.parse("client(a, 's3').put_object(); c.get_paginator('list_tags'); c.nothing()")
    assert calls_of(tree, operations()) == {"put_object", "list_tags"}


def test_it_lists_every_call():
    assert made() - set(listed()) == set()


def test_it_lists_no_call_that_is_not_made():
    assert set(listed()) - made() == MADE_BY_BOTOCORE


def test_it_grants_what_it_lists():
    assert granted() == set().union(*listed().values())


def test_it_makes_clients_in_one_place():
    makers = {
        file.name
        for file in (ROOT / "aws").rglob("*.py")
        if re.search(r"session\.client\b|boto3\.client\(|boto3\.resource\(", file.read_text())
    }
    assert makers == {"clients.py"}
