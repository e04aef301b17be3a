"""The environment that points another AWS client, such as a notebook, at localaws."""

import json
from pathlib import Path

# Without a default bucket the SageMaker SDK asks sts.<region>.amazonaws.com, past the endpoint
# URL; without the opt-out it reports every call to Amazon.
SDK_CONFIG = """\
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: sagemaker-local
"""


def environment(data: Path, port: int, region: str) -> dict[str, str]:
    """Names and values; writes the SDK's configuration file into `data`.

    Raises FileNotFoundError when localaws never ran on `data`.
    """
    credentials = json.loads((data / "credentials.json").read_text())
    config = data / "sagemaker-sdk.yaml"
    config.write_text(SDK_CONFIG)
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": credentials["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": credentials["secret_access_key"],
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
    }
