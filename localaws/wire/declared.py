"""What localaws does with every member of every request: a table that the wire layer enforces.

A *refused* member ends the call with a ValidationException that names it, because leaving it out
would change what the caller gets. An *ignored* one has no meaning on a laptop (networks, keys,
billing) or is only shown again by Describe. `localaws/README.md` prints the table, and a test
compares it with botocore's model: a new member has to be decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import validation


@dataclass(frozen=True)
class Fields:
    """Names separated by spaces; `a.b` is a member inside a member, or inside a list of them."""

    supported: str = ""
    ignored: str = ""
    refused: str = ""


_PAGES = "NextToken MaxResults SortBy SortOrder NameContains"
_CREATED = "CreationTimeAfter CreationTimeBefore"
_MODIFIED = "LastModifiedTimeAfter LastModifiedTimeBefore"
_JOBS = f"{_PAGES} {_CREATED} {_MODIFIED} StatusEquals"

_SAGEMAKER = {
    "AddTags": Fields("ResourceArn Tags"),
    "CreateEndpoint": Fields("EndpointName EndpointConfigName Tags", "DeploymentConfig"),
    "CreateEndpointConfig": Fields(
        "EndpointConfigName ProductionVariants AsyncInferenceConfig DataCaptureConfig Tags",
        "AsyncInferenceConfig.OutputConfig.KmsKeyId"
        " AsyncInferenceConfig.OutputConfig.NotificationConfig"
        " DataCaptureConfig.KmsKeyId KmsKeyId ExecutionRoleArn VpcConfig"
        " EnableNetworkIsolation MetricsConfig CrossRegionTrafficConfig"
        " ProductionVariants.InferenceAmiVersion",
        "ExplainerConfig ShadowProductionVariants",
    ),
    "CreateHyperParameterTuningJob": Fields(
        "HyperParameterTuningJobName HyperParameterTuningJobConfig TrainingJobDefinition"
        " TrainingJobDefinitions WarmStartConfig Tags TrainingJobDefinition.CheckpointConfig",
        "HyperParameterTuningJobConfig.TuningJobCompletionCriteria.ConvergenceDetected"
        " TrainingJobDefinition.VpcConfig TrainingJobDefinition.RetryStrategy"
        " TrainingJobDefinition.EnableManagedSpotTraining",
        "Autotune HyperParameterTuningJobConfig.ParameterRanges.AutoParameters"
        " TrainingJobDefinition.HyperParameterRanges.AutoParameters"
        " TrainingJobDefinitions.HyperParameterRanges.AutoParameters",
    ),
    "CreateModel": Fields(
        "ModelName PrimaryContainer Containers Tags ExecutionRoleArn",
        "VpcConfig EnableNetworkIsolation PrimaryContainer.ImageConfig"
        " PrimaryContainer.ContainerHostname PrimaryContainer.InferenceSpecificationName",
        "InferenceExecutionConfig PrimaryContainer.MultiModelConfig"
        " PrimaryContainer.ModelPackageName Containers.ModelPackageName",
    ),
    "CreateProcessingJob": Fields(
        "ProcessingJobName ProcessingInputs ProcessingOutputConfig ProcessingResources"
        " StoppingCondition AppSpecification Environment RoleArn Tags",
        "NetworkConfig ExperimentConfig ProcessingOutputConfig.KmsKeyId"
        " ProcessingInputs.S3Input.S3DataDistributionType",
        "ProcessingInputs.DatasetDefinition ProcessingOutputConfig.Outputs.FeatureStoreOutput",
    ),
    "CreateTrainingJob": Fields(
        "TrainingJobName HyperParameters AlgorithmSpecification RoleArn InputDataConfig"
        " OutputDataConfig ResourceConfig StoppingCondition Tags Environment CheckpointConfig",
        "VpcConfig EnableNetworkIsolation EnableInterContainerTrafficEncryption"
        " EnableManagedSpotTraining DebugHookConfig DebugRuleConfigurations"
        " TensorBoardOutputConfig ExperimentConfig ProfilerConfig ProfilerRuleConfigurations"
        " RetryStrategy RemoteDebugConfig InfraCheckConfig SessionChainingConfig MlflowConfig"
        " OutputDataConfig.KmsKeyId InputDataConfig.ShuffleConfig"
        " InputDataConfig.RecordWrapperType ResourceConfig.VolumeKmsKeyId"
        " ResourceConfig.KeepAlivePeriodInSeconds StoppingCondition.MaxWaitTimeInSeconds",
        "ServerlessJobConfig ModelPackageConfig AlgorithmSpecification.AlgorithmName"
        " InputDataConfig.DataSource.FileSystemDataSource",
    ),
    "CreateTransformJob": Fields(
        "TransformJobName ModelName MaxConcurrentTransforms ModelClientConfig MaxPayloadInMB"
        " BatchStrategy Environment TransformInput TransformOutput TransformResources"
        " DataProcessing Tags",
        "ExperimentConfig DataCaptureConfig TransformOutput.KmsKeyId"
        " TransformResources.VolumeKmsKeyId",
    ),
    "DeleteEndpoint": Fields("EndpointName"),
    "DeleteEndpointConfig": Fields("EndpointConfigName"),
    "DeleteHyperParameterTuningJob": Fields("HyperParameterTuningJobName"),
    "DeleteModel": Fields("ModelName"),
    "DeleteTags": Fields("ResourceArn TagKeys"),
    "DeleteTrainingJob": Fields("TrainingJobName"),
    "DescribeEndpoint": Fields("EndpointName"),
    "DescribeEndpointConfig": Fields("EndpointConfigName"),
    "DescribeHyperParameterTuningJob": Fields("HyperParameterTuningJobName"),
    "DescribeModel": Fields("ModelName"),
    "DescribeProcessingJob": Fields("ProcessingJobName"),
    "DescribeTrainingJob": Fields("TrainingJobName"),
    "DescribeTransformJob": Fields("TransformJobName"),
    "ListEndpointConfigs": Fields(f"{_PAGES} {_CREATED}"),
    "ListEndpoints": Fields(_JOBS),
    "ListHyperParameterTuningJobs": Fields(_JOBS),
    "ListModels": Fields(f"{_PAGES} {_CREATED}"),
    "ListProcessingJobs": Fields(_JOBS),
    "ListTags": Fields("ResourceArn", "NextToken MaxResults"),
    "ListTrainingJobs": Fields(_JOBS, "", "WarmPoolStatusEquals TrainingPlanArnEquals"),
    "ListTrainingJobsForHyperParameterTuningJob": Fields(
        "HyperParameterTuningJobName NextToken MaxResults StatusEquals SortBy SortOrder"
    ),
    "ListTransformJobs": Fields(_JOBS),
    "Search": Fields(
        "Resource SearchExpression SortBy SortOrder NextToken MaxResults",
        "CrossAccountFilterOption",
        "VisibilityConditions",
    ),
    "StopHyperParameterTuningJob": Fields("HyperParameterTuningJobName"),
    "StopProcessingJob": Fields("ProcessingJobName"),
    "StopTrainingJob": Fields("TrainingJobName"),
    "StopTransformJob": Fields("TransformJobName"),
    "UpdateEndpoint": Fields(
        "EndpointName EndpointConfigName RetainAllVariantProperties"
        " ExcludeRetainedVariantProperties",
        "DeploymentConfig RetainDeploymentConfig",
    ),
    "UpdateEndpointWeightsAndCapacities": Fields(
        "EndpointName DesiredWeightsAndCapacities",
        "",
        "DesiredWeightsAndCapacities.ServerlessUpdateConfig",
    ),
}
_RUNTIME = {
    "InvokeEndpoint": Fields(
        "EndpointName Body ContentType Accept CustomAttributes TargetVariant InferenceId",
        "SessionId PrefixAwareId EnableExplanations",
        "TargetModel TargetContainerHostname InferenceComponentName",
    ),
    "InvokeEndpointAsync": Fields(
        "EndpointName Body InputLocation ContentType Accept CustomAttributes InferenceId"
        " S3OutputPathExtension Filename RequestTTLSeconds InvocationTimeoutSeconds"
    ),
}
_LOGS = {
    "CreateLogGroup": Fields(
        "logGroupName", "kmsKeyId tags logGroupClass deletionProtectionEnabled"
    ),
    "CreateLogStream": Fields("logGroupName logStreamName"),
    "DescribeLogGroups": Fields(
        "logGroupNamePrefix logGroupNamePattern nextToken limit",
        "includeLinkedAccounts",
        "accountIdentifiers logGroupClass logGroupIdentifiers",
    ),
    "DescribeLogStreams": Fields(
        "logGroupName logGroupIdentifier logStreamNamePrefix orderBy descending nextToken limit"
    ),
    "FilterLogEvents": Fields(
        "logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime endTime"
        " filterPattern nextToken limit",
        "interleaved unmask startFromHead",
    ),
    "GetLogEvents": Fields(
        "logGroupName logGroupIdentifier logStreamName startTime endTime nextToken limit"
        " startFromHead",
        "unmask",
    ),
    "PutLogEvents": Fields("logGroupName logStreamName logEvents", "sequenceToken entity"),
}
_CLOUDWATCH = {
    "GetMetricData": Fields(
        "MetricDataQueries StartTime EndTime ScanBy", "NextToken MaxDatapoints LabelOptions"
    ),
    "GetMetricStatistics": Fields(
        "Namespace MetricName Dimensions StartTime EndTime Period Statistics ExtendedStatistics",
        "Unit",
    ),
    "ListMetrics": Fields(
        "Namespace MetricName Dimensions NextToken",
        "RecentlyActive IncludeLinkedAccounts OwningAccount",
    ),
    "PutMetricData": Fields("Namespace MetricData", "EntityMetricData StrictEntityValidation"),
}
_SQS = {
    "CreateQueue": Fields("QueueName", "Attributes tags"),
    "DeleteMessage": Fields("QueueUrl ReceiptHandle"),
    "GetQueueUrl": Fields("QueueName", "QueueOwnerAWSAccountId"),
    "ReceiveMessage": Fields(
        "QueueUrl MaxNumberOfMessages VisibilityTimeout WaitTimeSeconds",
        "AttributeNames MessageSystemAttributeNames MessageAttributeNames",
        "ReceiveRequestAttemptId",
    ),
    "SendMessage": Fields(
        "QueueUrl MessageBody DelaySeconds",
        "",
        "MessageAttributes MessageSystemAttributes MessageDeduplicationId MessageGroupId",
    ),
}
_STS = {
    "AssumeRole": Fields(
        "RoleArn RoleSessionName DurationSeconds",
        "PolicyArns Policy Tags TransitiveTagKeys ExternalId SerialNumber TokenCode"
        " SourceIdentity ProvidedContexts MinimumSessionTokenSize",
    ),
    "GetCallerIdentity": Fields(),
}
_IAM = {
    "GetRole": Fields("RoleName"),
    "ListRoleTags": Fields("RoleName", "Marker MaxItems"),
    "SimulatePrincipalPolicy": Fields(
        "ActionNames ResourceArns",
        "PolicySourceArn PolicyInputList PermissionsBoundaryPolicyInputList PolicyExclusionList"
        " ResourcePolicy ResourceOwner CallerArn ContextEntries ResourceHandlingOption MaxItems"
        " Marker",
    ),
    "TagRole": Fields("RoleName Tags"),
    "UntagRole": Fields("RoleName TagKeys"),
}
_PRICING = {
    "GetProducts": Fields("ServiceCode Filters NextToken MaxResults", "FormatVersion"),
}
_QUOTAS = {
    "GetServiceQuota": Fields("ServiceCode QuotaCode", "ContextId"),
    "ListServiceQuotas": Fields(
        "ServiceCode QuotaCode NextToken MaxResults", "QuotaAppliedAtLevel"
    ),
}

_TARGET = "ServiceNamespace ResourceId ScalableDimension"
_AUTOSCALING = {
    "DeleteScalingPolicy": Fields(f"PolicyName {_TARGET}"),
    "DeregisterScalableTarget": Fields(_TARGET),
    "DescribeScalableTargets": Fields(
        "ServiceNamespace ResourceIds ScalableDimension MaxResults NextToken"
    ),
    "DescribeScalingPolicies": Fields(f"PolicyNames {_TARGET} MaxResults NextToken"),
    "PutScalingPolicy": Fields(
        f"PolicyName {_TARGET} PolicyType TargetTrackingScalingPolicyConfiguration",
        "",
        "StepScalingPolicyConfiguration PredictiveScalingPolicyConfiguration"
        " TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification",
    ),
    "RegisterScalableTarget": Fields(
        f"{_TARGET} MinCapacity MaxCapacity", "RoleARN Tags", "SuspendedState"
    ),
}

DECLARED: Mapping[str, Mapping[str, Fields]] = {
    "sagemaker": _SAGEMAKER,
    "sagemaker-runtime": _RUNTIME,
    "logs": _LOGS,
    "cloudwatch": _CLOUDWATCH,
    "sqs": _SQS,
    "sts": _STS,
    "iam": _IAM,
    "pricing": _PRICING,
    "service-quotas": _QUOTAS,
    "application-autoscaling": _AUTOSCALING,
}


def refuse(service: str, operation: str, request: dict[str, Any]) -> None:
    """Raises AwsError for the first refused member that holds something."""
    fields = DECLARED.get(service, {}).get(operation)
    for path in fields.refused.split() if fields is not None else ():
        if any(value not in (None, "", [], {}) for value in _at(request, path)):
            raise validation(f"{path} of {operation} is not available in localaws.")


def _at(value: Any, path: str) -> Iterator[Any]:
    head, _, rest = path.partition(".")
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif isinstance(value, dict) and head in value:
        if rest:
            yield from _at(value[head], rest)
        else:
            yield value[head]
