"""What the gateway takes and hands out.

Times are aware and in UTC. Status words are AWS's own, verbatim: an unknown word is possible. A
text that AWS left out is "", a moment or a number that AWS left out is None.
"""

from aws.types.hosting import (
    Asynchronous,
    DataCapture,
    Endpoint,
    EndpointConfig,
    EndpointConfigSpec,
    EndpointConfigSummary,
    EndpointSummary,
    Invocation,
    Model,
    ModelSpec,
    ModelSummary,
    Serverless,
    Share,
    Variant,
    VariantSpec,
)
from aws.types.observing import (
    Identity,
    LogEvent,
    LogPage,
    MetricQuery,
    ObjectHead,
    ObjectSummary,
    Part,
    Point,
    QueueMessage,
)
from aws.types.processing import ProcessingInput, ProcessingJob, ProcessingJobSpec, ProcessingOutput
from aws.types.training import (
    ChannelSpec,
    TrainingJob,
    TrainingJobSpec,
    TrainingJobSummary,
    Transition,
)
from aws.types.transforming import TransformJob, TransformJobSpec
from aws.types.tuning import ParameterRange, Trial, TuningJob, TuningJobSpec, TuningJobSummary

__all__ = [
    "Asynchronous",
    "ChannelSpec",
    "DataCapture",
    "Endpoint",
    "EndpointConfig",
    "EndpointConfigSpec",
    "EndpointConfigSummary",
    "EndpointSummary",
    "Identity",
    "Invocation",
    "LogEvent",
    "LogPage",
    "MetricQuery",
    "Model",
    "ModelSpec",
    "ModelSummary",
    "ObjectHead",
    "ObjectSummary",
    "ParameterRange",
    "Part",
    "Point",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingJobSpec",
    "ProcessingOutput",
    "QueueMessage",
    "Serverless",
    "Share",
    "TrainingJob",
    "TrainingJobSpec",
    "TrainingJobSummary",
    "TransformJob",
    "TransformJobSpec",
    "Transition",
    "Trial",
    "TuningJob",
    "TuningJobSpec",
    "TuningJobSummary",
    "Variant",
    "VariantSpec",
]
