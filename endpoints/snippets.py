"""How to call an endpoint from elsewhere: text to copy, quoted so that it runs as it stands."""

import shlex


def boto3_call(name: str, region: str, body: str, content_type: str = "text/csv") -> str:
    return "\n".join(
        (
            "import boto3",
            "",
            f"runtime = boto3.client({'sagemaker-runtime'!r}, region_name={region!r})",
            "answer = runtime.invoke_endpoint(",
            f"    EndpointName={name!r},",
            f"    ContentType={content_type!r},",
            f"    Body={body!r},",
            ")",
            "print(answer['Body'].read().decode())",
        )
    )


def curl_call(
    name: str, region: str, body: str, content_type: str = "text/csv", *, is_local: bool
) -> str:
    """curl 7.75 or newer signs by itself; localaws listens at $AWS_ENDPOINT_URL."""
    host = "$AWS_ENDPOINT_URL" if is_local else f"https://runtime.sagemaker.{region}.amazonaws.com"
    return " \\\n  ".join(
        (
            f'curl "{host}/endpoints/{name}/invocations"',
            f"--aws-sigv4 aws:amz:{region}:sagemaker",
            '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
            f"--header {shlex.quote(f'Content-Type: {content_type}')}",
            f"--data-binary {shlex.quote(body)}",
        )
    )
