"""What an endpoint's page offers to copy for version 3 of the SDK runs as it stands."""

import pytest

from endpoints.decoders import Decoder
from endpoints.snippets import Call, sdk3_call
from tests.localaws.lab import XGBOOST, Lab

NAME = "snippets"


@pytest.fixture
def lab(service, notebook):
    lab = Lab(service)
    job = lab.trained(NAME)
    lab.model(NAME, job["ModelArtifacts"]["S3ModelArtifacts"], XGBOOST)
    lab.config(NAME, **{NAME: 1})
    lab.endpoint(NAME, NAME)
    yield lab
    lab.leave()


def test_the_resources_lines_run(lab, capsys):
    labels = ["malignant", "benign"]
    row = ",".join(map(str, lab.features[500]))
    code = sdk3_call(Call(NAME, "us-east-1", row, decoder=Decoder("probability", labels)))
    exec(code, {})  # noqa: S102  # as a notebook's cell
    assert f"'label': '{labels[int(lab.labels[500])]}'" in capsys.readouterr().out
