"""Standard queues: what is sent is received until it is deleted."""

import secrets
import threading
import time

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def sqs(localaws):
    return localaws.client("sqs")


@pytest.fixture
def queue(sqs):
    return sqs.create_queue(QueueName=f"queue-{secrets.token_hex(6)}")["QueueUrl"]


def receive(sqs, queue, **more):
    return sqs.receive_message(QueueUrl=queue, **more).get("Messages", [])


def test_a_message_comes_again_unless_it_is_deleted(sqs, queue):
    sent = sqs.send_message(QueueUrl=queue, MessageBody="é one")
    [first] = receive(sqs, queue, VisibilityTimeout=0)
    assert (first["Body"], first["MessageId"]) == ("é one", sent["MessageId"])
    assert first["MD5OfBody"] == sent["MD5OfMessageBody"]
    [again] = receive(sqs, queue)
    assert again["MessageId"] == first["MessageId"]
    assert receive(sqs, queue) == []  # invisible now
    for _ in range(2):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    assert receive(sqs, queue, VisibilityTimeout=0) == []


def test_it_waits_for_a_message(sqs, queue):
    sender = threading.Timer(0.3, sqs.send_message, kwargs={"QueueUrl": queue, "MessageBody": "x"})
    sender.start()
    began = time.monotonic()
    assert len(receive(sqs, queue, WaitTimeSeconds=10)) == 1
    assert 0.2 < time.monotonic() - began < 5
    sender.join()


def test_it_gives_at_most_ten_and_no_message_to_two_readers(sqs, queue):
    for number in range(12):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    first = receive(sqs, queue, MaxNumberOfMessages=10)
    second = receive(sqs, queue, MaxNumberOfMessages=10)
    assert (len(first), len(second)) == (10, 2)
    assert {m["Body"] for m in first + second} == {str(number) for number in range(12)}


def test_a_queue_is_found_by_its_name_and_a_missing_one_refused(sqs, queue):
    name = queue.rpartition("/")[2]
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == queue
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == queue
    with pytest.raises(ClientError) as refusal:
        sqs.get_queue_url(QueueName="nobody-made-it")
    code = refusal.value.response["Error"]["Code"]
    assert code == "AWS.SimpleQueueService.NonExistentQueue"
