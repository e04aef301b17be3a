"""Where the images are, and no guess where we do not know."""

import pytest

from aws import errors
from aws.images import image_uri


@pytest.mark.parametrize(
    ("repository", "version", "region", "host"),
    [
        ("sagemaker-xgboost", "1.7-1", "us-east-1", "683313688378.dkr.ecr.us-east-1"),
        ("sagemaker-xgboost", "1.7-1", "us-west-2", "246618743249.dkr.ecr.us-west-2"),
        ("knn", "1", "eu-west-1", "438346466558.dkr.ecr.eu-west-1"),
        ("kmeans", "1", "us-west-2", "174872318107.dkr.ecr.us-west-2"),
        ("blazingtext", "1", "us-east-1", "811284229777.dkr.ecr.us-east-1"),
        ("blazingtext", "1", "sa-east-1", "855470959533.dkr.ecr.sa-east-1"),
    ],
)
def test_it_names_the_image(repository, version, region, host):
    expected = f"{host}.amazonaws.com/{repository}:{version}"
    assert image_uri(repository, version, region) == expected


def test_it_knows_china_by_its_own_domain():
    expected = "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/knn:1"
    assert image_uri("knn", "1", "cn-north-1") == expected


def test_it_does_not_guess_a_region():
    with pytest.raises(errors.Invalid, match="mars-north-1"):
        image_uri("knn", "1", "mars-north-1")


def test_it_does_not_guess_an_algorithm():
    with pytest.raises(errors.Invalid, match="'nobodys'"):
        image_uri("nobodys", "1", "us-east-1")
