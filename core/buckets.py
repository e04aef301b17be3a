"""The workspace's bucket: ours to make on this machine, the account owner's at Amazon."""

from aws import s3
from core.models import Workspace


def ensure(workspace: Workspace) -> None:
    """Make a local workspace's bucket unless it is there; Amazon's buckets are left as they are.

    Raises `aws.errors.AwsError` when S3 cannot be asked.
    """
    if workspace.kind == Workspace.Kind.LOCAL:
        s3.ensure_bucket(workspace.account, workspace.bucket)
