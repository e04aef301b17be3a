"""BlazingText supervised: upload, fit, deploy, ask with instances."""

import numpy as np
import pytest

from tests.localaws import texts
from tests.sdk.data import INSTANCE, metrics

pytest.importorskip("fasttext", reason="fastText has no wheel here")


def test_blazingtext(session, tmp_path):
    import sagemaker
    from sagemaker.deserializers import JSONDeserializer
    from sagemaker.serializers import JSONSerializer

    train, test = texts.split()
    channels = {}
    for name, documents in (("train", train), ("validation", test)):
        (tmp_path / name).write_bytes(texts.blazing(documents))
        uri = session.upload_data(str(tmp_path / name), key_prefix="blazingtext")
        channels[name] = sagemaker.inputs.TrainingInput(uri, content_type="text/plain")
    estimator = sagemaker.estimator.Estimator(
        sagemaker.image_uris.retrieve("blazingtext", session.boto_region_name),
        sagemaker.get_execution_role(),
        instance_count=1,
        instance_type="ml.c5.4xlarge",
        max_run=3600,
        input_mode="File",
        sagemaker_session=session,
        hyperparameters={
            "mode": "supervised",
            "epochs": 30,
            "min_count": 2,
            "learning_rate": 0.1,
            "vector_dim": 20,
            "early_stopping": True,
        },
    )
    estimator.fit(channels, logs=False)
    assert metrics(session, estimator.latest_training_job.name)["validation:accuracy"] > 0.75
    predictor = estimator.deploy(
        1, INSTANCE, serializer=JSONSerializer(), deserializer=JSONDeserializer()
    )
    answer = predictor.predict({"instances": [text for _, text in test]})
    found = [item["label"][0].removeprefix("__label__") for item in answer]
    assert np.mean([label == area for label, (area, _) in zip(found, test, strict=True)]) > 0.75
    top = predictor.predict({"instances": [test[0][1]], "configuration": {"k": 2}})
    assert len(top[0]["label"]) == len(top[0]["prob"]) == 2
