"""Which program a request means, and whether it may and can run here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from localaws.algorithms import images
from localaws.algorithms.images import Algorithm, UnknownImage


class ScriptsOff(UnknownImage):
    """The request brings its own program, and nobody allowed its role to."""


class PackageMissing(UnknownImage):
    """The program needs a package that is not installed; the text says how to get it."""


SWITCH, ON = "localaws:scripts", "allowed"
"""The tag of an execution role that lets its jobs and models bring programs."""

_ALLOW = (
    "Nobody allowed its execution role that. In the console an admin does, on the workspace's "
    "page; in a notebook, "
    f"iam.tag_role(RoleName=..., Tags=[{{'Key': '{SWITCH}', 'Value': '{ON}'}}]) does; "
    "and --allow-scripts, when localaws is started, allows it to all."
)
Settings = Mapping[str, str]
_SCRIPTS = "localaws.algorithms.scripts"
_XGBOOST = Algorithm("sagemaker-xgboost", "localaws.algorithms.xgboost", (), (), is_script=True)
_MODULES = {
    "pytorch-inference": "pytorch",
    "pytorch-training": "pytorch",
    "sagemaker-scikit-learn": "scikit_learn",
    "tensorflow-inference": "tensorflow",
    "tensorflow-training": "tensorflow",
}
SCRIPTED = {
    name: Algorithm(name, f"{_SCRIPTS}.{module}", (), (), is_script=True)
    for name, module in _MODULES.items()
}
_PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
_NEEDS = {
    "blazingtext": (
        "fasttext",
        f"BlazingText needs fastText, which is not installed: it has no build for {_PYTHON} on "
        "this machine. Run the console with Python 3.11 to use BlazingText.",
    ),
    "pytorch": (
        "torch",
        "PyTorch is not installed. It is an extra: run make extras ARGS=pytorch.",
    ),
    "tensorflow": (
        "tensorflow",
        f"TensorFlow is not installed for {_PYTHON}. It is an extra: run "
        "make extras ARGS=tensorflow.",
    ),
}


def settings(specification: Mapping[str, Any], hyperparameters: Mapping[str, str]) -> Settings:
    """What the functions below ask of a training job: an entrypoint is a program too."""
    entry = specification.get("ContainerEntrypoint")
    return {**hyperparameters, "sagemaker_program": entry[0]} if entry else hyperparameters


def is_scripted(image: str, settings: Mapping[str, str]) -> bool:
    """`settings` are a training job's hyperparameters or a model's environment."""
    repository = images.repository(image)
    return repository in SCRIPTED or (
        repository == "sagemaker-xgboost"
        and ("sagemaker_program" in settings or "SAGEMAKER_PROGRAM" in settings)
    )


def built_in(image: str, settings: Mapping[str, str]) -> Algorithm | None:
    """None for scripts, whose metrics the caller defines, and for unknown images."""
    if is_scripted(image, settings):
        return None
    return images.BUILT_IN.get(images.repository(image))


def program(image: str, settings: Mapping[str, str], *, allow_scripts: bool) -> Algorithm:
    """Raises UnknownImage, ScriptsOff and PackageMissing; the text is fit for a FailureReason."""
    found = _found(image, settings)
    if found.is_script and not allow_scripts:
        raise ScriptsOff(
            f"The image {found.repository} runs code of yours, with your rights on this machine. "
            f"{_ALLOW}"
        )
    package, hint = _NEEDS.get(found.module.rpartition(".")[2], ("", ""))
    if package and find_spec(package) is None:
        raise PackageMissing(hint)
    return found


def _found(image: str, settings: Mapping[str, str]) -> Algorithm:
    repository = images.repository(image)
    if repository in SCRIPTED:
        return SCRIPTED[repository]
    return _XGBOOST if is_scripted(image, settings) else images.algorithm(image)


def command(image: str, settings: Settings, *, allow_scripts: bool) -> Algorithm:
    """The program that runs a training job's entrypoint in this image. Raises as `program`."""
    found = program(image, settings, allow_scripts=allow_scripts)
    if not found.is_script:
        raise UnknownImage(f"The image {found.repository} runs no command of yours here.")
    return replace(found, module=f"{_SCRIPTS}.command")
