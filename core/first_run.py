"""What an empty database needs before anybody can sign in."""

import os

from django.contrib.auth.models import User
from django.db import transaction

from core.models import Membership, Role, Workspace

LOCAL_ACCOUNT = "123456789012"


def ensure() -> tuple[User, Workspace]:
    """The user `admin` and the workspace `local` on an empty database; else the first of each.

    With `MLCONSOLE_AWS=amazon` the first workspace is Amazon's, from AWS_REGION,
    MLCONSOLE_EXECUTION_ROLE and MLCONSOLE_BUCKET.
    """
    with transaction.atomic():
        user = User.objects.filter(is_superuser=True).order_by("pk").first()
        if user is None:
            user = User(username="admin", is_superuser=True, is_staff=True)
            user.set_unusable_password()
            user.save()
        workspace = Workspace.objects.order_by("pk").first() or _first_workspace()
        Membership.objects.get_or_create(
            user=user, workspace=workspace, defaults={"role": Role.ADMIN}
        )
    return user, workspace


def _first_workspace() -> Workspace:
    amazon = os.environ.get("MLCONSOLE_AWS") == "amazon"
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return Workspace.objects.create(
        slug="local" if not amazon else "amazon",
        name="Local" if not amazon else f"Amazon {region}",
        kind=Workspace.Kind.AWS if amazon else Workspace.Kind.LOCAL,
        region=region,
        execution_role_arn=os.environ.get("MLCONSOLE_EXECUTION_ROLE")
        or f"arn:aws:iam::{LOCAL_ACCOUNT}:role/mlconsole-execution",
        bucket=os.environ.get("MLCONSOLE_BUCKET") or f"mlconsole-{region}-{LOCAL_ACCOUNT}",
    )
