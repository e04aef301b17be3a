"""What an endpoint's page offers to copy for version 2 of the SDK runs as it stands."""

import numpy as np
import pytest

from endpoints.decoders import Decoder
from endpoints.snippets import Call, sdk2_call
from tests.sdk.data import INSTANCE, cancer


@pytest.fixture
def endpoint(session, tmp_path):
    import sagemaker
    from sagemaker.inputs import TrainingInput

    train, _, labels, _ = cancer()
    np.savetxt(tmp_path / "train.csv", np.column_stack([labels, train]), delimiter=",")
    uri = session.upload_data(str(tmp_path / "train.csv"), key_prefix="snippets/train")
    image = sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1")
    estimator = sagemaker.estimator.Estimator(
        *(image, sagemaker.get_execution_role(), 1, INSTANCE), sagemaker_session=session
    )
    estimator.set_hyperparameters(objective="binary:logistic", num_round=10)
    estimator.fit({"train": TrainingInput(uri, content_type="text/csv")}, logs=False)
    return estimator.deploy(1, INSTANCE).endpoint_name


def test_the_predictors_lines_run(session, endpoint, capsys):
    _, test, _, labels = cancer()
    row = ",".join(map(str, test[0]))
    decoder = Decoder("probability", ["malignant", "benign"])
    code = sdk2_call(Call(endpoint, session.boto_region_name, row, decoder=decoder))
    exec(code, {})  # noqa: S102  # as a notebook's cell
    assert f"'label': '{['malignant', 'benign'][int(labels[0])]}'" in capsys.readouterr().out
