"""How to call an endpoint from elsewhere: text to copy, quoted so that it runs as it stands."""

import shlex


def boto3_call(name: str, region: str, row: str) -> str:
    return "\n".join(
        (
            "import boto3",
            "",
            f"runtime = boto3.client({'sagemaker-runtime'!r}, region_name={region!r})",
            "answer = runtime.invoke_endpoint(",
            f"    EndpointName={name!r},",
            "    ContentType='text/csv',",
            f"    Body={row!r},",
            ")",
            "print(answer['Body'].read().decode())",
        )
    )


def curl_call(name: str, region: str, row: str, *, is_local: bool) -> str:
    """curl 7.75 or newer signs by itself; localaws listens at $AWS_ENDPOINT_URL."""
    host = "$AWS_ENDPOINT_URL" if is_local else f"https://runtime.sagemaker.{region}.amazonaws.com"
    return " \\\n  ".join(
        (
            f'curl "{host}/endpoints/{name}/invocations"',
            f"--aws-sigv4 aws:amz:{region}:sagemaker",
            '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
            "--header 'Content-Type: text/csv'",
            f"--data-binary {shlex.quote(row)}",
        )
    )
