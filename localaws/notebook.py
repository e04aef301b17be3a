"""The environment that points another AWS client, such as a notebook, at localaws."""

import json
import os
from pathlib import Path

ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"
# Without a default bucket the SageMaker SDK asks sts.<region>.amazonaws.com, past the endpoint
# URL; without the opt-out it reports every call to Amazon.
SDK_CONFIG = f"""\
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: sagemaker-local
  TrainingJob:
    RoleArn: {ROLE}
  Model:
    ExecutionRoleArn: {ROLE}
"""
_SITE = Path(__file__).parent / "notebook_site"


def environment(data: Path, port: int, region: str) -> dict[str, str]:
    """Names and values; writes the SDK's configuration and the notebook's metadata into `data`.

    Raises FileNotFoundError when localaws never ran on `data`.
    """
    credentials = json.loads((data / "credentials.json").read_text())
    config, metadata = data / "sagemaker-sdk.yaml", data / "resource-metadata.json"
    config.write_text(SDK_CONFIG)
    # What get_execution_role() reads on a SageMaker notebook.
    metadata.write_text(json.dumps({"ExecutionRoleArn": ROLE, "ResourceName": "notebook"}))
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": credentials["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": credentials["secret_access_key"],
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
        "LOCALAWS_METADATA_FILE": str(metadata),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_SITE), os.environ.get("PYTHONPATH", "")])),
    }
