"""What a job's failure means and what to change. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """`cause` is the likely one; `advice` is what a person can do next."""

    cause: str
    advice: str


_KNOWN: tuple[tuple[str, Explanation], ...] = (
    (
        r"Extraneous hyperparameter|hyperparameter.*(?:could not parse|not in range)|num_class",
        Explanation(
            "The algorithm refused a hyperparameter.",
            "Clone the job and correct the value that the message names.",
        ),
    ),
    (
        r"No S3 objects found|Data download failed|NoSuchKey|No such key",
        Explanation(
            "The prepared data are no longer where the job looks for them.",
            "Prepare the dataset again, then launch from the new preparation.",
        ),
    ),
    (
        r"assume role|AssumeRole|not authorized|AccessDenied|Access Denied|is not allowed",
        Explanation(
            "The workspace's role may not do what the job needs.",
            "Ask an admin to check the execution role and its permissions on the bucket.",
        ),
    ),
    (
        r"service limit|ResourceLimitExceeded|quota",
        Explanation(
            "The account's limit for this instance type is used up.",
            "Choose another instance type, wait for a job to end, or ask AWS to raise the limit.",
        ),
    ),
    (
        r"CapacityError|insufficient capacity|Insufficient",
        Explanation(
            "Amazon has no free instance of this type at the moment.",
            "Clone the job with another instance type, or try again later.",
        ),
    ),
    (
        r"MemoryError|out of memory|\boom\b|exit code[:= ]+137|bad_alloc|killed",
        Explanation(
            "The instance ran out of memory.",
            "Clone the job with a larger instance type, or a smaller max_depth or max_bin.",
        ),
    ),
    (
        r"label must be|Check failed: labels|label and prediction size|num_class",
        Explanation(
            "The target's values do not fit the objective.",
            "Clone the job and choose the objective that the data imply.",
        ),
    ),
    (
        r"MaxRuntimeExceeded|maximum runtime",
        Explanation(
            "The job took longer than its maximum runtime.",
            "Clone the job with fewer rounds, a larger instance or a longer maximum runtime.",
        ),
    ),
    (
        r"already has this name",
        Explanation(
            "Something that this console did not make has the job's name.",
            "Clone the job: the new one gets another name.",
        ),
    ),
    (
        r"no longer at AWS",
        Explanation(
            "Somebody deleted the job at AWS, or the workspace points at another account.",
            "Clone the job to train again.",
        ),
    ),
    (
        r"ValidationException|validation error|failed to satisfy constraint|enum value set",
        Explanation(
            "AWS refused the request.",
            "Clone the job and correct the value that the message names.",
        ),
    ),
)
_UNKNOWN = Explanation(
    "The training program ended with an error.",
    "The last lines of the log usually say why. Clone the job to try again.",
)


def explained(reason: str) -> Explanation:
    """The likely cause of a failure reason, in AWS's words or ours."""
    for pattern, explanation in _KNOWN:
        if re.search(pattern, reason, re.IGNORECASE):
            return explanation
    return _UNKNOWN
