"""Inference components: counted one by one, and gone before the endpoint that they share.

Neither localaws nor moto has them: a small account answers as AWS documents it.
"""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore import xform_name

from core.models import Heartbeat
from endpoints import components, delete, idle, mirror, plans, traffic
from endpoints.models import Endpoint
from tests.aws.conftest import credentials  # noqa: F401  # a fixture
from tests.endpoints.conftest import fresh, now

NAME, CONFIG = "shared", "shared-config"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{NAME}"
BORN = 1_700_000_000
IDENTITY = """<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>
<Arn>arn:aws:iam::123456789012:user/us</Arn><UserId>U</UserId></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""


class Refused(Exception):
    """(code, message)."""


class SmallAccount:
    """One endpoint with inference components; `calls` are what was asked that changes things."""

    def __init__(self):
        self.components = {"llm": "InService", "tts": "InService"}
        self.invocations = {}
        self.endpoint = "InService"
        self.refuses = set()
        self.calls = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, operation, asked):
        if operation in self.refuses:
            raise Refused("AccessDeniedException", f"not authorized to perform {operation}")
        return getattr(self, xform_name(operation), lambda _: {})(asked)

    def describe_endpoint(self, _):
        if self.endpoint is None:
            raise Refused("ValidationException", f'Could not find endpoint "{ARN}".')
        variant = {"VariantName": "v", "CurrentWeight": 1.0, "CurrentInstanceCount": 1}
        return self.summary() | {"EndpointConfigName": CONFIG, "ProductionVariants": [variant]}

    def summary(self):
        times = {"CreationTime": BORN, "LastModifiedTime": BORN}
        return {"EndpointName": NAME, "EndpointArn": ARN, "EndpointStatus": self.endpoint} | times

    def list_endpoints(self, _):
        return {"Endpoints": [self.summary()] if self.endpoint else []}

    def describe_endpoint_config(self, _):
        machine = {"InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
        return {
            "EndpointConfigName": CONFIG,
            "EndpointConfigArn": ARN.replace("endpoint/", "endpoint-config/"),
            "ProductionVariants": [{"VariantName": "v"} | machine],
            "CreationTime": BORN,
        }

    def list_tags(self, _):
        return {"Tags": []}

    def list_inference_components(self, _):
        found = [
            {
                "InferenceComponentName": name,
                "InferenceComponentArn": f"arn:{name}",
                "InferenceComponentStatus": status,
                "EndpointName": NAME,
                "EndpointArn": ARN,
                "VariantName": "v",
                "CreationTime": BORN,
                "LastModifiedTime": BORN,
            }
            for name, status in self.components.items()
        ]
        return {"InferenceComponents": found}

    def describe_inference_component(self, asked):
        name = asked["InferenceComponentName"]
        if name not in self.components:
            raise Refused("ValidationException", f"Could not find inference component {name}.")
        status = self.components[name]
        if status == "Deleting":
            del self.components[name]  # it is gone when it is looked at next
        return {
            "InferenceComponentName": name,
            "InferenceComponentStatus": status,
            "Specification": {"ModelName": f"{name}-model"},
            "RuntimeConfig": {"CurrentCopyCount": 2},
        }

    def delete_inference_component(self, asked):
        self.calls.append(f"delete {asked['InferenceComponentName']}")
        self.components[asked["InferenceComponentName"]] = "Deleting"
        return {}

    def deregister_scalable_target(self, asked):
        self.calls.append(f"unscale {asked['ResourceId']}")
        return {}

    def delete_endpoint(self, _):
        if self.components:
            raise Refused("ValidationException", "Cannot delete: it has inference components.")
        self.calls.append("delete the endpoint")
        self.endpoint = None
        return {}

    def get_metric_data(self, asked):
        results = []
        for query in asked["MetricDataQueries"]:
            [dimension] = query["MetricStat"]["Metric"]["Dimensions"]
            assert dimension["Name"] == "InferenceComponentName"
            count = self.invocations.get(dimension["Value"])
            at = [now().timestamp() - 9 * 86400] if count else []
            values = [count] if count else []
            result = {"Id": query["Id"], "StatusCode": "Complete"}
            results.append(result | {"Timestamps": at, "Values": values})
        return {"MetricDataResults": results}

    def _handler(self):
        account = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if not (target := self.headers.get("X-Amz-Target", "")):
                    self.send(200, IDENTITY.encode(), "text/xml")
                    return
                try:
                    told = account.answer(target.rpartition(".")[2], json.loads(body))
                except Refused as refused:
                    code, message = refused.args
                    document = {"__type": code, "message": message}
                    self.send(400, json.dumps(document).encode(), "application/x-amz-json-1.1")
                    return
                self.send(200, json.dumps(told).encode(), "application/x-amz-json-1.1")

            def send(self, status, body, kind):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def account(credentials, monkeypatch):  # noqa: F811  # that fixture
    made = SmallAccount()
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def endpoint(account, workspace):
    mirror.look(workspace, now())
    look(workspace)
    return Endpoint.objects.with_lineage().get(aws_name=NAME)


def look(workspace):
    Heartbeat.objects.filter(name__startswith="rest:mirror:components").delete()
    components.look(workspace, now())


def verdict(endpoint):
    Endpoint.objects.update(traffic_check_at=now())
    traffic.refresh(endpoint.workspace, now() + timedelta(seconds=1))
    return traffic.verdict(fresh(endpoint), now() + timedelta(seconds=2))


def test_they_are_read_and_counted_one_by_one(account, endpoint, workspace):
    assert (endpoint.kind, endpoint.instance_type) == (idle.COMPONENTS, "ml.g5.xlarge")
    kept = [(one["name"], one["model"], one["copies"]) for one in endpoint.components]
    assert kept == [("llm", "llm-model", 2), ("tts", "tts-model", 2)]
    assert verdict(endpoint).word == "idle"
    account.invocations["tts"] = 900.0
    found = verdict(endpoint)
    assert (found.word, "tts 900" in found.evidence) == ("busy", True)


def test_what_cannot_be_read_or_is_not_measured_yet_is_unknown(account, endpoint, workspace):
    assert verdict(endpoint).word == "idle"
    account.components["new"] = "Creating"
    look(workspace)
    assert traffic.verdict(fresh(endpoint), now()).word == "unknown"
    account.refuses.add("ListInferenceComponents")
    look(workspace)
    assert fresh(endpoint).components == []
    assert verdict(endpoint).word == "unknown"


def advance(endpoint):
    row = fresh(endpoint)
    if row.leftovers:
        Endpoint.objects.filter(pk=row.pk).update(next_check_at=now())
        delete.advance(fresh(endpoint), now())


def test_they_go_one_after_the_other_before_the_endpoint(account, endpoint, who):
    goes = [(item.kind, item.name) for item in plans.plan(endpoint).goes]
    assert goes[:3] == [("component", "llm"), ("component", "tts"), ("endpoint", NAME)]
    delete.request(who, endpoint, now())
    for _ in range(9):
        advance(endpoint)
    assert fresh(endpoint).status == "Deleted"
    order = ["unscale inference-component/llm", "delete llm"]
    order += ["unscale inference-component/tts", "delete tts", "delete the endpoint"]
    assert account.calls == order
    assert "inference components" in fresh(endpoint).recipe["lost"]


def test_one_that_came_since_the_question_calls_it_off(account, endpoint, who):
    delete.request(who, endpoint, now())
    account.components["new"] = "InService"
    advance(endpoint)
    row = fresh(endpoint)
    assert (row.delete_requested_at, account.calls) == (None, [])
    assert "the inference component new" in row.failure_reason
