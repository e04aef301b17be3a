"""The frameworks whose images run a script: scikit-learn, PyTorch, TensorFlow.

Versions and tags are those of the SageMaker Python SDK 2.257.6 (image_uri_config/sklearn.json,
pytorch.json, tensorflow.json) for which there is an image to train in and one to serve in. Images
of the same repositories with other tags are understood too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aws.images import image_uri, repository, tag

_PYTHON = re.compile(r"py3\d*")


@dataclass(frozen=True, kw_only=True)
class Framework:
    """`versions` leads from a version, newest first, to (Python, version of the serving image).

    `guide` is Amazon's page on scripts for it.
    """

    name: str
    title: str
    training: str
    serving: str
    versions: Mapping[str, tuple[str, str]]
    guide: str
    has_gpu: bool = True

    def training_image(self, version: str, region: str, *, gpu: bool = False) -> str:
        """KeyError for a version not offered, aws.errors.Invalid for a region not known."""
        python, _ = self.versions[version]
        return image_uri(self.training, f"{version}-{_processor(gpu)}-{python}", region)

    def serving_image(self, trained_in: str, region: str, *, gpu: bool = False) -> str:
        """The image that serves what the training image `trained_in` made.

        scikit-learn's does both. Of a version not offered, the serving image of the same version;
        `trained_in` itself when it has no tag to go by.
        """
        version, _, rest = tag(trained_in).partition("-")
        if self.training == self.serving or not rest:
            return trained_in
        python, serving = self.versions.get(version, ("", version))
        found = _PYTHON.search(rest)
        python = python or (found[0] if found else "")
        parts = [serving, _processor(gpu), *([python] if self.name == "pytorch" else [])]
        return image_uri(self.serving, "-".join(filter(None, parts)), region)


def _processor(gpu: bool) -> str:  # noqa: FBT001  one word or the other
    return "gpu" if gpu else "cpu"


_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"

FRAMEWORKS: Mapping[str, Framework] = {
    one.name: one
    for one in (
        Framework(
            name="scikit-learn",
            title="scikit-learn",
            training="sagemaker-scikit-learn",
            serving="sagemaker-scikit-learn",
            versions={name: ("py3", name) for name in ("1.4-2", "1.2-1", "1.0-1", "0.23-1")},
            guide=f"{_GUIDE}/sklearn.html",
            has_gpu=False,
        ),
        Framework(
            name="pytorch",
            title="PyTorch",
            training="pytorch-training",
            serving="pytorch-inference",
            versions={
                "2.6.0": ("py312", "2.6.0"),
                "2.5.1": ("py311", "2.5.1"),
                "2.4.0": ("py311", "2.4.0"),
                "2.3.0": ("py311", "2.3.0"),
                "2.2.0": ("py310", "2.2.0"),
                "2.1.0": ("py310", "2.1.0"),
                "2.0.1": ("py310", "2.0.1"),
                "1.13.1": ("py39", "1.13.1"),
            },
            guide=f"{_GUIDE}/pytorch.html",
        ),
        Framework(
            name="tensorflow",
            title="TensorFlow",
            training="tensorflow-training",
            serving="tensorflow-inference",
            versions={
                "2.19.0": ("py312", "2.19.0"),
                "2.18.0": ("py310", "2.18.0"),
                "2.16.2": ("py310", "2.16.1"),
                "2.14.1": ("py310", "2.14.1"),
                "2.13.0": ("py310", "2.13.0"),
                "2.12.0": ("py310", "2.12.1"),
            },
            guide=f"{_GUIDE}/tf.html",
        ),
    )
}


def of_image(image: str) -> tuple[Framework, str] | None:
    """The framework and version that an image URI names, in any account and region."""
    for one in FRAMEWORKS.values():
        if repository(image) in (one.training, one.serving):
            version = re.split(r"-(?:cpu|gpu)\b", tag(image))[0]
            return one, version
    return None
