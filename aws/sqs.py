"""Messages of a queue: received with patience, deleted when they are done with."""

from aws.clients import Account, client
from aws.errors import translated
from aws.types import QueueMessage


def receive(
    account: Account, queue_url: str, *, most: int = 10, wait: int = 0
) -> list[QueueMessage]:
    """At most ten messages, once `wait` seconds at most have passed.

    Each comes again after the queue's visibility timeout unless it is deleted, and may come twice,
    and in any order.
    """
    with translated():
        answer = client(account, "sqs").receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=most, WaitTimeSeconds=wait
        )
    return [
        QueueMessage(body=message["Body"], handle=message["ReceiptHandle"])
        for message in answer.get("Messages", ())
    ]


def delete(account: Account, queue_url: str, handle: str) -> None:
    with translated():
        client(account, "sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=handle)
