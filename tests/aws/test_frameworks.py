"""The images of the frameworks: those that the SageMaker SDK names, to train and to serve."""

import pytest

from aws import errors
from aws.frameworks import FRAMEWORKS, of_image

ECR = "dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "version", "gpu", "training", "serving"),
    [
        (
            *("scikit-learn", "1.2-1", False),
            f"683313688378.{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3",
            f"683313688378.{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3",
        ),
        (
            *("pytorch", "2.6.0", True),
            f"763104351884.{ECR}/pytorch-training:2.6.0-gpu-py312",
            f"763104351884.{ECR}/pytorch-inference:2.6.0-gpu-py312",
        ),
        (
            *("tensorflow", "2.16.2", False),
            f"763104351884.{ECR}/tensorflow-training:2.16.2-cpu-py310",
            f"763104351884.{ECR}/tensorflow-inference:2.16.1-cpu",
        ),
    ],
)
def test_it_names_the_images_of_a_version(name, version, gpu, training, serving):
    framework = FRAMEWORKS[name]
    assert framework.training_image(version, "us-east-1", gpu=gpu) == training
    assert framework.serving_image(training, "us-east-1", gpu=gpu) == serving
    assert of_image(training) == (framework, version)


def test_every_offered_version_has_both_images():
    for framework in FRAMEWORKS.values():
        for version in framework.versions:
            image = framework.training_image(version, "eu-west-1")
            assert of_image(framework.serving_image(image, "eu-west-1"))[0] is framework


def test_a_version_that_is_not_offered_is_served_by_its_own():
    trained_in = f"763104351884.{ECR}/pytorch-training:2.1-cpu-py310"
    served_by = FRAMEWORKS["pytorch"].serving_image(trained_in, "us-east-1")
    assert served_by == f"763104351884.{ECR}/pytorch-inference:2.1-cpu-py310"


def test_it_does_not_guess_a_region():
    with pytest.raises(errors.Invalid, match="mars-north-1"):
        FRAMEWORKS["pytorch"].training_image("2.6.0", "mars-north-1")


def test_other_images_are_of_no_framework():
    assert of_image(f"683313688378.{ECR}/sagemaker-xgboost:1.7-1") is None
    assert of_image("") is None
