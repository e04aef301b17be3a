"""A processing job and an asynchronous endpoint, as the SDK drives them."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer

from tests.sdk.data import INSTANCE

SOURCE = Path(__file__).parent / "source"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def test_a_processing_script_of_scikit_learn(session, tmp_path):
    import sagemaker
    from sagemaker.processing import ProcessingInput, ProcessingOutput
    from sagemaker.sklearn.processing import SKLearnProcessor

    rows = load_breast_cancer().data
    np.savetxt(tmp_path / "rows.csv", rows, delimiter=",")
    source = session.upload_data(str(tmp_path / "rows.csv"), key_prefix="means/in")
    target = f"s3://{session.default_bucket()}/means/out"
    processor = SKLearnProcessor(
        framework_version="1.2-1",
        role=sagemaker.get_execution_role(),
        instance_type=INSTANCE,
        instance_count=1,
        sagemaker_session=session,
    )
    processor.run(
        code=str(SOURCE / "means.py"),
        inputs=[ProcessingInput(source=source, destination="/opt/ml/processing/input/data")],
        outputs=[ProcessingOutput(source="/opt/ml/processing/output", destination=target)],
        logs=False,
    )
    found = session.read_s3_file(session.default_bucket(), "means/out/means.csv")
    assert np.allclose(np.array(found.split(), float), rows.mean(axis=0))


def test_an_asynchronous_endpoint(session, tmp_path):
    import sagemaker
    from sagemaker.async_inference import AsyncInferenceConfig
    from sagemaker.estimator import Estimator

    data = load_breast_cancer()
    np.savetxt(tmp_path / "a.csv", np.column_stack([data.target, data.data]), delimiter=",")
    train = session.upload_data(str(tmp_path / "a.csv"), key_prefix="async/train")
    estimator = Estimator(
        XGBOOST,
        sagemaker.get_execution_role(),
        1,
        INSTANCE,
        sagemaker_session=session,
        hyperparameters={"num_round": 20, "objective": "binary:logistic"},
    )
    estimator.fit({"train": sagemaker.TrainingInput(train, content_type="text/csv")}, logs=False)
    bucket = session.default_bucket()
    predictor = estimator.deploy(
        1,
        INSTANCE,
        serializer=sagemaker.serializers.CSVSerializer(),
        deserializer=sagemaker.deserializers.CSVDeserializer(),
        async_inference_config=AsyncInferenceConfig(output_path=f"s3://{bucket}/async/out"),
    )
    answer = predictor.predict(data.data[:20], input_path=f"s3://{bucket}/async/in.csv")
    assert (np.array(answer, float).ravel() > 0.5).tolist() == data.target[:20].astype(
        bool
    ).tolist()
