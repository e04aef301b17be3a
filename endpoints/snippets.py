"""How to call an endpoint from elsewhere: text to copy, quoted so that it runs as it stands."""

import shlex
from dataclasses import dataclass, field

from endpoints.decoders import Decoder


@dataclass(frozen=True)
class Call:
    """One question to an endpoint, and what is to be done with the answer."""

    name: str
    region: str
    body: str
    content_type: str = "text/csv"
    accept: str = "text/csv"
    decoder: Decoder = field(default_factory=Decoder)
    component: str = ""  # of an endpoint that runs inference components
    is_local: bool = False  # at localaws, where $AWS_ENDPOINT_URL says


def boto3_call(call: Call) -> str:
    return _program(
        call,
        ("import boto3",),
        (
            f"runtime = boto3.client('sagemaker-runtime', region_name={call.region!r})",
            "answer = runtime.invoke_endpoint(",
            f"    EndpointName={call.name!r},",
            f"    ContentType={call.content_type!r},",
            f"    Accept={call.accept!r},",
            *_named(call, "InferenceComponentName"),
            f"    Body={call.body!a},",
            ")",
            "print(read(answer['Body'].read().decode()))",
        ),
    )


def async_call(call: Call) -> str:
    """To an asynchronous endpoint: the answer appears in S3. Inline bodies have at most 128 kB."""
    return _program(
        call,
        ("import boto3",),
        (
            f"runtime = boto3.client('sagemaker-runtime', region_name={call.region!r})",
            f"s3 = boto3.client('s3', region_name={call.region!r})",
            "answer = runtime.invoke_endpoint_async(",
            f"    EndpointName={call.name!r},",
            f"    ContentType={call.content_type!r},",
            f"    Accept={call.accept!r},",
            f"    Body={call.body!a},  # larger ones: InputLocation='s3://...'",
            ")",
            "bucket, key = answer['OutputLocation'].removeprefix('s3://').split('/', 1)",
            "s3.get_waiter('object_exists').wait(",
            "    Bucket=bucket, Key=key, WaiterConfig={'Delay': 2, 'MaxAttempts': 300}",
            ")",
            "print(read(s3.get_object(Bucket=bucket, Key=key)['Body'].read().decode()))",
        ),
    )


def sdk2_call(call: Call) -> str:
    """Version 2 of the SageMaker Python SDK: a Predictor on the endpoint as it is."""
    return _program(
        call,
        (
            "import boto3",
            "from sagemaker import Session",
            "from sagemaker.deserializers import StringDeserializer",
            "from sagemaker.predictor import Predictor",
            "from sagemaker.serializers import IdentitySerializer",
        ),
        (
            "predictor = Predictor(",
            f"    {call.name!r},",
            *_named(call, "component_name"),
            f"    sagemaker_session=Session(boto3.Session(region_name={call.region!r})),",
            f"    serializer=IdentitySerializer({call.content_type!r}),",
            f"    deserializer=StringDeserializer(accept={call.accept!r}),",
            ")",
            f"print(read(predictor.predict({call.body!a})))",
        ),
    )


def sdk3_call(call: Call) -> str:
    """Version 3, whose `sagemaker.core` has the endpoint as a resource."""
    return _program(
        call,
        ("from sagemaker.core.resources import Endpoint",),
        (
            f"endpoint = Endpoint.get({call.name!r}, region={call.region!r})",
            "answer = endpoint.invoke(",
            f"    body={call.body!a},",
            f"    content_type={call.content_type!r},",
            f"    accept={call.accept!r},",
            *_named(call, "inference_component_name"),
            ")",
            "print(read(answer.body.read().decode()))",
        ),
    )


def curl_call(call: Call) -> str:
    """curl 7.75 or newer signs by itself; localaws listens at $AWS_ENDPOINT_URL.

    Temporary keys come with a token, which the header sends when there is one.
    """
    amazon = f"https://runtime.sagemaker.{call.region}.amazonaws.com"
    host = "$AWS_ENDPOINT_URL" if call.is_local else amazon
    component = f"X-Amzn-SageMaker-Inference-Component: {call.component}"
    return " \\\n  ".join(
        (
            f'curl "{host}/endpoints/{call.name}/invocations"',
            f"--aws-sigv4 aws:amz:{call.region}:sagemaker",
            '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
            '${AWS_SESSION_TOKEN:+--header "X-Amz-Security-Token: $AWS_SESSION_TOKEN"}',
            f"--header {shlex.quote(f'Content-Type: {call.content_type}')}",
            f"--header {shlex.quote(f'Accept: {call.accept}')}",
            *([f"--header {shlex.quote(component)}"] if call.component else []),
            f"--data-binary {shlex.quote(call.body)}",
        )
    )


def _named(call: Call, parameter: str) -> list[str]:
    return [f"    {parameter}={call.component!r},"] if call.component else []


def _program(call: Call, imports: tuple[str, ...], lines: tuple[str, ...]) -> str:
    head = ["import json", ""] if call.decoder.needs_json else []
    return "\n".join([*head, *imports, "", "", call.decoder.source, "", *lines])
