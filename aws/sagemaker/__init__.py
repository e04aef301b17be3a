"""SageMaker, one module per kind of resource; verbs are named as AWS names them.

A create raises `AlreadyExists` when the name is taken: names are deterministic (`aws.naming`), so
the caller looks at the tags to tell an earlier attempt of its own from somebody else's. Everything
that takes a name raises `NotFound` when there is no such thing.
"""

from aws.sagemaker.components import component_pages, delete_component, describe_component
from aws.sagemaker.endpoints import (
    create_endpoint,
    create_endpoint_config,
    delete_endpoint,
    delete_endpoint_config,
    describe_endpoint,
    describe_endpoint_config,
    list_endpoint_configs,
    list_endpoints,
    update_endpoint,
    update_weights_and_capacities,
)
from aws.sagemaker.models import (
    create_model,
    create_model_like,
    delete_model,
    describe_model,
    list_models,
    model_pages,
)
from aws.sagemaker.processing_jobs import (
    create_processing_job,
    describe_processing_job,
    stop_processing_job,
)
from aws.sagemaker.tags import add_tags, list_tags
from aws.sagemaker.training_jobs import (
    create_training_job,
    describe_training_job,
    list_training_jobs,
    stop_training_job,
    training_job_pages,
    training_job_request,
)
from aws.sagemaker.transform_jobs import (
    create_transform_job,
    describe_transform_job,
    stop_transform_job,
)
from aws.sagemaker.tuning_jobs import (
    create_tuning_job,
    describe_tuning_job,
    list_trials,
    list_tuning_jobs,
    stop_tuning_job,
    tuning_job_pages,
    tuning_job_request,
)

__all__ = [
    "add_tags",
    "component_pages",
    "create_endpoint",
    "create_endpoint_config",
    "create_model",
    "create_model_like",
    "create_processing_job",
    "create_training_job",
    "create_transform_job",
    "create_tuning_job",
    "delete_component",
    "delete_endpoint",
    "delete_endpoint_config",
    "delete_model",
    "describe_component",
    "describe_endpoint",
    "describe_endpoint_config",
    "describe_model",
    "describe_processing_job",
    "describe_training_job",
    "describe_transform_job",
    "describe_tuning_job",
    "list_endpoint_configs",
    "list_endpoints",
    "list_models",
    "list_tags",
    "list_training_jobs",
    "list_trials",
    "list_tuning_jobs",
    "model_pages",
    "stop_processing_job",
    "stop_training_job",
    "stop_transform_job",
    "stop_tuning_job",
    "training_job_pages",
    "training_job_request",
    "tuning_job_pages",
    "tuning_job_request",
    "update_endpoint",
    "update_weights_and_capacities",
]
