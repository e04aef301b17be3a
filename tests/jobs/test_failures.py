"""Failure reasons, explained, with the field to change."""

from importlib import import_module

import pytest

from jobs.catalogue import ALGORITHMS
from jobs.failures import HYPERPARAMETER, KNOWN, MEMBERS, explained
from jobs.forms.machine import MachineForm
from localaws.algorithms.container import UserError
from localaws.algorithms.firstparty.hyperparameters import resolve

H = HYPERPARAMETER
NO_DATA = (
    'ClientError: Data download failed:No S3 objects found under S3 URL "s3://b/p/" given in input'
    " data source. Please ensure that the bucket exists in the selected region (us-east-1)."
)
LIMIT = (
    "ResourceLimitExceeded: The account-level service limit 'ml.m5.large for training job usage' is"
    " 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances."
)
BAD_TYPE = (
    "ValidationException: 1 validation error detected: Value 'ml.m5.tiny' at"
    " 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value"
)


@pytest.mark.parametrize(
    ("reason", "part", "field"),
    [
        ("AlgorithmError: Extraneous hyperparameter found: etta", "does not know", ""),
        ("PyTorch is not installed. It is an extra: run make extras.", "not installed", ""),
        ("The image x runs code of yours, with your rights.", "may not run in this", ""),
        (
            'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "KeyError: 1"',
            "The script ended",
            "",
        ),
        (
            "AlgorithmError: Hyperparameter max_depth: value 99 not in range [0, inf)",
            "max_depth",
            H + "max_depth",
        ),
        (
            "AlgorithmError: Missing required hyperparameter: num_round",
            "num_round",
            H + "num_round",
        ),
        (
            "ClientError: No value(s) were specified for 'k' which are required hyperparameter(s)",
            "k is missing",
            H + "k",
        ),
        (
            "ClientError: Do not need to setup parameter 'num_class' for learning task other"
            " than multi-classification.",
            "num_class",
            H + "num_class",
        ),
        (
            "AlgorithmError: base_score must be in (0,1) for logistic loss",
            "base_score",
            H + "base_score",
        ),
        ("AlgorithmError: label must be in [0,1] for logistic", "target's values", H + "objective"),
        (
            "AlgorithmError: XGB train call failed with error:\n[12:00:00] SoftmaxMultiClassObj:"
            " label must be in [0, num_class).",
            "target's values",
            H + "objective",
        ),
        (
            "ClientError: mini_batch_size is 5000, but there are only 400 rows in the channel",
            "batch is larger",
            H + "mini_batch_size",
        ),
        ("ClientError: k is 900, but there are only 400 rows", "k is more", H + "k"),
        (
            "ClientError: The feature dimension of the data in the channel train, 30, does not"
            " match the feature_dim of 4.",
            "feature_dim",
            H + "feature_dim",
        ),
        (
            "AlgorithmError: The loss is no longer a finite number: try a smaller learning_rate",
            "beyond all bounds",
            H + "learning_rate",
        ),
        (
            "AlgorithmError: Empty vocabulary: no word appears min_count times. Lower min_count.",
            "No word",
            H + "min_count",
        ),
        (
            "ClientError: 2000 trees of 2048 rows with 9 features would take more than 1 GB: lower"
            " num_trees or num_samples_per_tree",
            "memory",
            "instance_type",
        ),
        (
            "ClientError: Unable to parse csv: rows 1-1000, file /opt/ml/input/data/train/a.csv",
            "form that the algorithm reads",
            "",
        ),
        (
            "ClientError: No iterator has been registered for ContentType (u'csv', '1.0')",
            "form that the algorithm reads",
            "",
        ),
        ("AlgorithmError: Extraneous channel found: test", "form that the algorithm reads", ""),
        (
            "ClientError: The labels of the channel train must be the whole numbers 0 to 2 for the"
            " predictor_type multiclass_classifier; found 1 to 3.",
            "labels",
            H + "num_classes",
        ),
        (NO_DATA, "data are no longer", ""),
        ("ValidationException: Could not assume role arn:… Please ensure", "role", ""),
        (LIMIT, "limit", "instance_type"),
        (BAD_TYPE, "refused the request", "instance_type"),
        (
            "CapacityError: Unable to provision requested ML compute capacity. Please retry using a"
            " different ML instance type.",
            "no free instance",
            "instance_type",
        ),
        ("AlgorithmError: exit code: 137", "memory", "instance_type"),
        ("AlgorithmError: RuntimeError: CUDA out of memory.", "GPU", "instance_type"),
        (
            "AlgorithmError: OSError: [Errno 28] No space left on device, exit code: 1",
            "disk is full",
            "volume_gb",
        ),
        ("MaxRuntimeExceeded", "maximum runtime", "max_runtime_seconds"),
        ("MaxWaitTimeExceeded", "spot", "max_wait_seconds"),
        ("AlgorithmError: ModuleNotFoundError: No module named 'cv2'", "library", ""),
        (
            "ClientError: The code holds no train.py, which SAGEMAKER_PROGRAM names.",
            "source archive",
            "entry_point",
        ),
        ("ClientError: localaws has no program for the image x/y:1.", "image", "image"),
        ("ClientError: Artifact upload failed:Access Denied", "may not do", ""),
        ("InternalServerError: We encountered an internal error.", "service broke", ""),
        ("Could not be stopped: No.", "refused to stop", ""),
        ("A job that this console did not make already has this name: x.", "has the job's", ""),
        ("The job is no longer at AWS.", "deleted the job", ""),
        ("Something broke on our side. Report the reference abc.", "our side", ""),
        ("AlgorithmError: Segmentation fault, exit code: 139", "ended with an error", ""),
    ],
)
def test_it_tells_the_cause_and_the_field_to_change(reason, part, field):
    found = explained(reason)
    assert part in found.cause
    assert found.advice.endswith(".")
    assert found.field == field


def refused(algorithm, texts):
    """What the algorithm's own program says of these hyperparameters."""
    module = import_module(f"localaws.algorithms.{algorithm.replace('-', '_')}.hyperparameters")
    parse = getattr(module, "parse", None) or (lambda given: resolve(given, module.RULES))
    with pytest.raises(UserError) as error:
        parse(texts)
    return str(error.value)


NEEDED = {
    "xgboost": {"num_round": "5"},
    "linear-learner": {"predictor_type": "regressor"},
    "knn": {"k": "3", "predictor_type": "regressor", "sample_size": "9", "feature_dim": "2"},
    "kmeans": {"k": "3", "feature_dim": "2"},
    "pca": {"feature_dim": "2", "num_components": "1", "mini_batch_size": "9"},
    "randomcutforest": {"feature_dim": "2"},
    "factorization-machines": {
        "feature_dim": "2",
        "num_factors": "2",
        "predictor_type": "regressor",
    },
    "blazingtext": {"mode": "supervised"},
}
FEWEST = {
    "xgboost": "num_round",
    "linear-learner": "mini_batch_size",
    "blazingtext": "epochs",
    "randomcutforest": "num_trees",
    "factorization-machines": "num_factors",
    "pca": "mini_batch_size",
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_understands_what_each_algorithm_refuses(algorithm):
    good = NEEDED[algorithm]
    assert "does not know" in explained(refused(algorithm, good | {"etta": "1"})).cause
    name = FEWEST.get(algorithm, "k")
    for wrong in ("-1", "many"):
        found = explained(f"ClientError: {refused(algorithm, good | {name: wrong})}")
        assert found.field == H + name
        assert name in found.cause
    for needed in good.keys() & {"num_round", "k", "num_factors", "mode"}:
        found = explained(refused(algorithm, {n: v for n, v in good.items() if n != needed}))
        assert (found.field, "missing" in found.cause) == (H + needed, True)


def test_it_names_only_fields_that_forms_have():
    names = {one.name for entry in ALGORITHMS.values() for one in entry.hyperparameters}
    known = set(MachineForm.base_fields) | {"entry_point", "image"} | {H + n for n in names}
    fields = {field for *_, field in KNOWN if "{" not in field} - {""}
    assert fields | set(MEMBERS.values()) <= known


def test_it_calls_the_field_as_people_do():
    found = [explained(text).change for text in (LIMIT, "MaxRuntimeExceeded", "min_char")]
    assert found == ["instance type", "max runtime", "min_char"]
