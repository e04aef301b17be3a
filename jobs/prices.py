"""What instances cost an hour: AWS's price list as it was last fetched, else the shipped table."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db import transaction
from django.db.models import Max

from aws import errors as aws
from aws import price_list, pricing
from aws.price_list import Purpose
from core.models import Workspace
from jobs.models import InstancePrice

SHIPPED_REGION = "us-east-1"
GOOD_FOR = timedelta(days=1)
PURPOSES: tuple[Purpose, ...] = ("training", "hosting", "processing")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rate:
    """On-demand US dollars an hour of one instance; `fetched_at` is None for the shipped table.

    `region` is whose price it is: that of the shipped table may be another than was asked for.
    """

    usd_per_hour: float
    region: str
    fetched_at: datetime | None = None

    @property
    def source(self) -> str:
        if self.fetched_at is None:
            return f"List price of {self.region} shipped with mlconsole"
        return f"AWS price list of {self.region}"


class Book:
    """A region's prices, read from the database once, when the first is asked for."""

    def __init__(self, region: str) -> None:
        self.region = region

    def rate(self, instance_type: str, purpose: Purpose = "training") -> Rate | None:
        """None for a type that neither AWS's list nor the shipped table has."""
        if found := self._fetched.get((purpose, instance_type)):
            return found
        shipped = pricing.hourly(instance_type)
        return Rate(shipped.usd_per_hour, SHIPPED_REGION) if shipped else None

    @property
    def fetched_at(self) -> datetime | None:
        """When the oldest price of the region was fetched; None when there are none."""
        return min(
            (rate.fetched_at for rate in self._fetched.values() if rate.fetched_at), default=None
        )

    @cached_property
    def _fetched(self) -> dict[tuple[str, str], Rate]:
        rows = InstancePrice.objects.filter(region=self.region)
        names = ("purpose", "instance_type", "usd_per_hour", "fetched_at")
        return {
            (purpose, name): Rate(usd, self.region, fetched_at)
            for purpose, name, usd, fetched_at in rows.values_list(*names)
        }


def outdated(*, now: datetime) -> list[Workspace]:
    """A workspace at Amazon of each region whose prices are older than a day, or missing."""
    newest = dict(InstancePrice.objects.values_list("region").annotate(newest=Max("fetched_at")))
    by_region = {
        workspace.region: workspace
        for workspace in Workspace.objects.filter(kind=Workspace.Kind.AWS)
        if workspace.region not in newest or newest[workspace.region] <= now - GOOD_FOR
    }
    return list(by_region.values())


def refresh(workspace: Workspace, *, now: datetime) -> None:
    """Fetch the prices of the workspace's region; when AWS does not give them the old ones stay."""
    try:
        found = {purpose: price_list.hourly(workspace.account, purpose) for purpose in PURPOSES}
    except aws.AwsError as error:
        log.warning("prices of %s were not fetched: %s", workspace.region, error.message)
        return
    rows = [
        InstancePrice(
            region=workspace.region,
            instance_type=name,
            purpose=purpose,
            usd_per_hour=usd,
            fetched_at=now,
        )
        for purpose, prices in found.items()
        for name, usd in prices.items()
    ]
    if not rows:
        log.warning("AWS's price list has no prices of %s", workspace.region)
        return
    with transaction.atomic():
        InstancePrice.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["region", "instance_type", "purpose"],
            update_fields=["usd_per_hour", "fetched_at"],
        )
        # What the list no longer names.
        InstancePrice.objects.filter(region=workspace.region, fetched_at__lt=now).delete()
