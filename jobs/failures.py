"""What a job's failure means and what to change. Pure.

The texts are Amazon's and those of the images of its algorithms; the first pattern that matches
tells. https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html
"""

import re
from dataclasses import dataclass

HYPERPARAMETER = "hyperparameters."


@dataclass(frozen=True)
class Explanation:
    """`cause` is the likely one; `advice` is what a person can do next.

    `field` is the form's field to change, "" where no single one would help.
    """

    cause: str
    advice: str
    field: str = ""

    @property
    def change(self) -> str:
        """The field as people call it."""
        if self.field.startswith(HYPERPARAMETER):
            return self.field.removeprefix(HYPERPARAMETER)
        return self.field.replace("_seconds", "").replace("_gb", "").replace("_", " ")


# The pattern, the cause, the advice, the field; the pattern's group `name` is a hyperparameter, and
# stands for {name} in the texts.
KNOWN: tuple[tuple[str, str, str, str], ...] = (
    (
        r"Could not be stopped",
        "AWS refused to stop the job.",
        "It goes on running. Ask an admin whether the role may stop training jobs, then try again.",
        "",
    ),
    (
        r"Additional hyperparameters are not allowed|Extraneous hyperparameter",
        "The algorithm does not know a hyperparameter that it was sent.",
        "Clone the job: the form offers only those that the algorithm knows.",
        "",
    ),
    (
        r"(?:No value\(s\) were specified for |Missing required hyperparameter: )\W*(?P<name>\w+)",
        "The hyperparameter {name} is missing.",
        "Clone the job and fill it in.",
        "hyperparameters.{name}",
    ),
    (
        r"Hyperparameter (?:must be valid json, but found )?(?P<name>\w+): (?:could not parse"
        r"|value .* not in range|'.*' is not valid|.*)",
        "The algorithm does not take this value of {name}.",
        "Clone the job and choose a value that the form allows.",
        "hyperparameters.{name}",
    ),
    (
        r"(?P<name>num_class)(?:es)?' for multi-class|setup parameter '(?P<name2>num_class)'",
        "num_class does not go with the objective.",
        "It is needed by multi:softmax and multi:softprob, and only by them.",
        "hyperparameters.num_class",
    ),
    (
        r"(?P<name>num_classes) must be at least|labels of the channel .* whole numbers 0 to",
        "The labels are not the numbers from 0 that num_classes promises.",
        "Prepare the dataset again, or clone the job and correct num_classes.",
        "hyperparameters.num_classes",
    ),
    (
        r"(?P<name>mini_batch_size) is \d+, but there are only|(?:small|large)r? mini_batch_size"
        r"|mini.?batch.?size.*(?:larger|greater)",
        "A batch is larger than the training data.",
        "Clone the job with a mini_batch_size of at most the number of training rows.",
        "hyperparameters.mini_batch_size",
    ),
    (
        r"\b(?P<name>k|num_components|dimension_reduction_target) (?:is \d+, but|must be below)",
        "{name} is more than the data allow.",
        "Clone the job with a smaller {name}.",
        "hyperparameters.{name}",
    ),
    (
        r"no longer (?:a )?finite numbers?|Encountered NaN|loss is nan|Loss is NaN",
        "The numbers grew beyond all bounds.",
        "Clone the job with a smaller learning rate.",
        "hyperparameters.learning_rate",
    ),
    (
        r"(?P<name>feature_dim)|[Ff]eature dimension",
        "feature_dim is not the number of feature columns in the data.",
        "Clone the job: the form fills feature_dim in from the preparation.",
        "hyperparameters.feature_dim",
    ),
    (
        r"(?:requires|supports only the|The) (?P<name>loss|index_metric|faiss_index_pq_m)\b"
        r"|(?P<name2>dimension_reduction_type) and",
        "Two hyperparameters do not go together.",
        "Clone the job: the form says which value needs which other.",
        "hyperparameters.{name}",
    ),
    (
        r"(?P<name>monotone_constraints|interaction_constraints) can be used only",
        "{name} needs another tree_method.",
        "Clone the job with tree_method exact or hist.",
        "hyperparameters.tree_method",
    ),
    (
        r"Metric '.*' can only be applied",
        "The eval_metric does not go with the objective.",
        "Clone the job and choose a metric that the form offers for the objective.",
        "hyperparameters.eval_metric",
    ),
    (
        r"Empty vocabulary",
        "No word occurs often enough to be learned.",
        "Clone the job with a smaller min_count.",
        "hyperparameters.min_count",
    ),
    (
        r"min_char: must not be above|min_char",
        "min_char is more than max_char.",
        "Clone the job and lower min_char.",
        "hyperparameters.min_char",
    ),
    (
        r"Early stopping needs the channel",
        "Early stopping has no validation rows to watch.",
        "Clone the job without it, or prepare the dataset with validation rows.",
        "hyperparameters.early_stopping",
    ),
    (
        r"base_score must be",
        "base_score does not go with the objective.",
        "Clone the job with a base_score between 0 and 1, or without one.",
        "hyperparameters.base_score",
    ),
    (
        r"label must be|Check failed: labels|label and prediction size|labels of the channel"
        r"|SoftmaxMultiClassObj",
        "The target's values do not fit the objective.",
        "Clone the job and choose the objective that the data imply.",
        "hyperparameters.objective",
    ),
    (
        r"not an accepted (?:csv )?ContentType|content type .* not supported|No iterator has been"
        r"|Unable to parse|Failed to load .* data|Unable to read data|has no labels"
        r"|fields than expected|Hidden file found|No files found in the channel|is not UTF-8"
        r"|no feature next to the label|[Cc]hannel.*(?:required|unexpected|not one of)"
        r"|(?:Extraneous|Missing required) channel|validate input data|files differ",
        "The data are not in the form that the algorithm reads.",
        "Prepare the dataset for this algorithm, then launch from the new preparation.",
        "",
    ),
    (
        r"No S3 objects found|Data download failed|NoSuchKey|No such key|NoSuchBucket|\(404\)",
        "The data are no longer where the job looks for them.",
        "Prepare the dataset again, then launch from the new preparation.",
        "",
    ),
    (
        r"assume role|AssumeRole|not authorized|AccessDenied|Access Denied|is not allowed|Forbidden"
        r"|\(403\)",
        "The workspace's role may not do what the job needs.",
        "Ask an admin to check the execution role and its permissions on the bucket.",
        "",
    ),
    (
        r"service limit|ResourceLimitExceeded|quota",
        "The account's limit for this instance type is used up.",
        "Choose another instance type, wait for a job to end, or ask AWS to raise the limit.",
        "instance_type",
    ),
    (
        r"CapacityError|capacity",
        "Amazon has no free instance of this type at the moment.",
        "Clone the job with another instance type, or try again later.",
        "instance_type",
    ),
    (
        r"No space left|[Dd]isk.*full|OSError: \[Errno 28\]",
        "The instance's disk is full.",
        "Clone the job with a larger volume.",
        "volume_gb",
    ),
    (
        r"CUDA out of memory|CUDA error: out of memory|OutOfMemoryError",
        "The GPU ran out of memory.",
        "Clone the job with an instance type whose GPU has more, or with smaller batches.",
        "instance_type",
    ),
    (
        r"MemoryError|[Oo]ut of memory|\boom\b|exit code[:= ]+(?:137|-9)|bad_alloc|killed"
        r"|would take more than|Cannot allocate memory|signal 9\b",
        "The instance ran out of memory.",
        "Clone the job with a larger instance type, or with hyperparameters that need less.",
        "instance_type",
    ),
    (
        r"MaxRuntimeExceeded|maximum runtime|MaxRuntimeInSeconds",
        "The job took longer than its maximum runtime.",
        "Clone the job with fewer rounds, a larger instance or a longer maximum runtime.",
        "max_runtime_seconds",
    ),
    (
        r"MaxWaitTimeExceeded|MaxWaitTimeInSeconds",
        "Amazon had no spot instance for as long as the job was allowed to wait.",
        "Clone the job with a longer wait, another instance type, or without spot.",
        "max_wait_seconds",
    ),
    (
        r"It is an extra: run make extras",
        "The framework is not installed on this machine.",
        "Ask who runs this console for the command that the message names, then clone the job.",
        "",
    ),
    (
        r"runs code of yours, with your rights",
        "Scripts may not run in this workspace.",
        "An admin allows them on the workspace's page; then clone the job.",
        "",
    ),
    (
        r"ModuleNotFoundError|No module named|ImportError|requirements\.txt",
        "The script needs a library that the image does not have.",
        "Add it to requirements.txt in the source archive, or choose another image.",
        "",
    ),
    (
        r"SAGEMAKER_PROGRAM|sagemaker_program|holds no .*, which|leaves the code directory",
        "The source archive does not hold the script that is to be started.",
        "Upload an archive with it, or correct the name of the entry point.",
        "entry_point",
    ),
    (
        r"CannotPullContainer|[Rr]epository .* does not exist|image .* (?:not found|not exist)"
        r"|[Nn]o such image|no program for the image|image URI",
        "The container image cannot be fetched.",
        "Clone the job with an image that is in the region and that the role may pull.",
        "image",
    ),
    (
        r"Artifact upload failed|Output upload failed",
        "The model was trained, and could not be stored.",
        "Ask an admin to check that the bucket exists and that the role may write to it.",
        "",
    ),
    (
        r"ExecuteUserScriptError",
        "The script ended with an error.",
        "The message ends with the script's own words, and the log shows where. Correct the script"
        " in a clone.",
        "",
    ),
    (
        r"InternalServerError|internal error",
        "Amazon's service broke; the job is not to blame.",
        "Clone the job to try again.",
        "",
    ),
    (
        r"already has this name",
        "Something that this console did not make has the job's name.",
        "Clone the job: the new one gets another name.",
        "",
    ),
    (
        r"no longer at AWS",
        "Somebody deleted the job at AWS, or the workspace points at another account.",
        "Clone the job to train again.",
        "",
    ),
    (
        r"Report the reference",
        "Something broke on our side.",
        "Tell the people who run this console the reference; cloning the job may work.",
        "",
    ),
    (
        r"ValidationException|validation error|failed to satisfy constraint|enum value set",
        "AWS refused the request.",
        "Clone the job and correct the value that the message names.",
        "",
    ),
)
_UNKNOWN = Explanation(
    "The training program ended with an error.",
    "The last lines of the log usually say why. Clone the job to try again.",
)
# What AWS calls the members of a request, and the form's fields.
MEMBERS = {
    "instanceType": "instance_type",
    "instanceCount": "instance_count",
    "volumeSizeInGB": "volume_gb",
    "maxRuntimeInSeconds": "max_runtime_seconds",
    "maxWaitTimeInSeconds": "max_wait_seconds",
    "environment": "environment",
    "tags": "aws_tags",
    "trainingImage": "image",
}


def explained(reason: str) -> Explanation:
    """The likely cause of a failure reason, in AWS's words or ours."""
    for pattern, cause, advice, field in KNOWN:
        if found := re.search(pattern, reason):
            name = next((value for value in found.groupdict().values() if value), "")
            texts = (text.replace("{name}", name) for text in (cause, advice, field))
            return _located(Explanation(*texts), reason)
    return _UNKNOWN


def _located(explanation: Explanation, reason: str) -> Explanation:
    """With the field of the member that a refused request names."""
    member = re.search(r"at '(?:[\w.]+\.)?(\w+)(?:\.[\w.]+)?' failed", reason)
    field = MEMBERS.get(member[1], "") if member else ""
    if explanation.field or not field:
        return explanation
    return Explanation(explanation.cause, explanation.advice, field)
