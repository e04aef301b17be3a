"""What a job's containers printed."""

import json

from aws.clients import Account, client
from aws.errors import Invalid, NotFound, translated
from aws.times import from_milliseconds
from aws.types import LogEvent, LogPage

TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"


def training_job_events(  # noqa: PLR0913  how to read on, and how much
    account: Account,
    job_name: str,
    *,
    next_token: str = "",
    limit: int = 10_000,
    tail: bool = False,
    streams: int = 50,
    look_up: bool = True,
) -> LogPage:
    """Lines of all instances of a job in order of time, `limit` (at most 10,000) per instance.

    From the beginning, or with `tail` the last ones; then on from `next_token`, an opaque text. An
    empty page means nothing new *yet*: CloudWatch never says that a log is over, and lines come
    with a delay. Tabs arrive as "#011". One call for each of at most `streams` instances, those
    that waited longest, and one to look up which there are; not `look_up` goes on with the known.
    """
    known, events = _tokens(next_token), list[LogEvent]()
    try:
        names = _streams(account, job_name) if look_up or not known else list(known)
        waiting = [name for name in names if name not in known]
        waiting += [name for name in known if name in names]
        tokens = {name: known[name] for name in waiting[streams:] if name in known}
        for name in waiting[:streams]:
            found, tokens[name] = _read(account, name, known.get(name, ""), limit, tail=tail)
            events += found
    except NotFound:  # group and streams appear with the first line
        return LogPage(next_token=next_token)
    return LogPage(
        events=tuple(sorted(events, key=lambda event: event.at)),
        next_token=json.dumps(tokens) if tokens else "",
        is_whole=len(waiting) <= streams,
    )


def _streams(account: Account, job_name: str) -> list[str]:
    """One stream per instance, `<job>/algo-<n>-<epoch>`; the first fifty."""
    with translated():
        answer = client(account, "logs").describe_log_streams(
            logGroupName=TRAINING_GROUP,
            logStreamNamePrefix=f"{job_name}/",
            orderBy="LogStreamName",
            limit=50,
        )
    return [stream["logStreamName"] for stream in answer["logStreams"]]


def _read(
    account: Account, stream: str, token: str, limit: int, *, tail: bool
) -> tuple[list[LogEvent], str]:
    with translated():
        answer = client(account, "logs").get_log_events(
            logGroupName=TRAINING_GROUP,
            logStreamName=stream,
            limit=limit,
            startFromHead=bool(token) or not tail,
            **({"nextToken": token} if token else {}),  # type: ignore[arg-type]  # mypy takes the one value for any
        )
    events = [
        LogEvent(from_milliseconds(event["timestamp"]), event["message"])
        for event in answer["events"]
    ]
    return events, answer["nextForwardToken"]


def _tokens(next_token: str) -> dict[str, str]:
    if not next_token:
        return {}
    try:
        return {str(stream): str(token) for stream, token in json.loads(next_token).items()}
    except (ValueError, AttributeError) as error:
        raise Invalid("Not a token of this log.") from error
