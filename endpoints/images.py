"""The images that can serve an imported model, by names such as "pytorch 2.6.0 gpu"."""

from aws import errors as aws
from aws.frameworks import FRAMEWORKS
from aws.frameworks import of_image as framework_of
from aws.images import image_uri
from core.errors import InvalidFields
from endpoints import archives
from jobs.catalogue import ALGORITHMS
from jobs.catalogue import of_image as algorithm_of

AS_IT_LOOKS, OWN = "", "image"
ON_GPU = " gpu"


def choices() -> list[tuple[str, str]]:
    """(name, title): as the archive looks, Amazon's algorithms and frameworks, one's own."""
    algorithms = [(f"{a.name} {a.version}", f"{a.title} {a.version}") for a in ALGORITHMS.values()]
    frameworks = [
        (f"{one.name} {version}{ending}", f"{one.title} {version}{words}")
        for one in FRAMEWORKS.values()
        for version in one.versions
        for ending, words in (("", ""), *([(ON_GPU, ", on GPUs")] if one.has_gpu else []))
    ]
    ends = [(AS_IT_LOOKS, "What the archive looks like"), (OWN, "An image of my own")]
    return [ends[0], *algorithms, *frameworks, ends[1]]


def named(framework: str) -> str:
    """The full name: without a version the newest. InvalidFields for what is not offered."""
    framework = framework.strip().lower()
    offered = [name for name, _ in choices()]
    if framework in offered:
        return framework
    found = [name for name in offered if name.partition(" ")[0] == framework]
    if not found:
        raise InvalidFields({"framework": [f"Choose one of {', '.join(filter(None, offered))}."]})
    return found[0]


def image_of(framework: str, region: str) -> str:
    """The image for a full name; InvalidFields where Amazon has none in the region."""
    name, _, version = framework.removesuffix(ON_GPU).partition(" ")
    gpu = framework.endswith(ON_GPU)
    try:
        if name in ALGORITHMS:
            return image_uri(ALGORITHMS[name].repository, version, region)
        one = FRAMEWORKS[name]
        return one.serving_image(one.training_image(version, region), region, gpu=gpu)
    except aws.Invalid as error:
        raise InvalidFields({"framework": [error.message]}) from error


def fitting(looks: str) -> str:
    """The full name for what an archive looks like (`archives.TITLES`); "" where none is clear."""
    known = {archives.XGBOOST, archives.SKLEARN, archives.PYTORCH, archives.TENSORFLOW}
    return named(looks) if looks in known else ""


def kind_of(image: str) -> str:
    """What an image serves, in the words of `archives.TITLES`; "" for one's own."""
    if found := framework_of(image):
        return found[0].name
    if algorithm := algorithm_of(image):
        return archives.XGBOOST if algorithm.name == archives.XGBOOST else archives.FIRST_PARTY
    return ""
