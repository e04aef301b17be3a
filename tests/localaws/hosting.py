"""Models that do as they are told: `{"sleep": seconds, "fail": text}`; the answer names them."""

from typing import Any

from tests.localaws.lab import BUCKET, Lab
from tests.localaws.scripts import SKLEARN, archive

CODE = """
import json, time

def model_fn(folder):
    {broken}
    return "{name}"

def transform_fn(model, body, kind, accept):
    asked = json.loads(body)
    time.sleep(asked.get("sleep", 0))
    if "fail" in asked:
        raise ValueError(asked["fail"])
    return json.dumps({{"model": model, "kind": kind}})
"""


def obedient(lab: Lab, name: str, *, broken: bool = False) -> None:
    """A model of that name; a broken one never passes the ping."""
    code = CODE.format(name=name, broken="raise SystemExit(1)" if broken else "")
    lab.put(f"models/{name}/model.tar.gz", archive(code__inference__py=code))
    url = f"s3://{BUCKET}/models/{name}/model.tar.gz"
    lab.model(name, url, SKLEARN, SAGEMAKER_PROGRAM="inference.py")


def config(lab: Lab, name: str, *variants: dict[str, Any], **members: Any) -> None:
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=list(variants), **members
    )


def variant(model: str, name: str = "AllTraffic", **members: Any) -> dict[str, Any]:
    kind: dict[str, Any] = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    if "ServerlessConfig" in members:
        kind = {}
    return {"VariantName": name, "ModelName": model} | kind | members
