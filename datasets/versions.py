"""Versions of a dataset: getting it in again adds one, nothing is ever overwritten.

All versions share `family`, the uid of the first. A dataset that is alone may have none yet: it
gets its own uid when a second version comes.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from core.errors import Conflict, InvalidFields
from core.models import Workspace
from datasets.models import Dataset, DatasetQuerySet

FIELD = "version_of"
ATTEMPTS = 20


def family_of(dataset: Dataset) -> str:
    return dataset.family or dataset.uid


def continued(workspace: Workspace, version_of: str) -> Dataset | None:
    """The dataset that a new one is to continue, None for "".

    InvalidFields unless it is there, in this workspace.
    """
    if not version_of:
        return None
    found = Dataset.objects.present().of(workspace).filter(uid=version_of).first()
    if found is None:
        text = f"There is no dataset {version_of[:40]!r} in the workspace {workspace.slug}."
        raise InvalidFields({FIELD: [text]})
    return found


def assign(dataset: Dataset, version_of: str) -> Dataset | None:
    """Make `dataset` the next version of the one with the uid `version_of`, which is returned.

    Nothing happens for "". The row is saved (made, if it is new). Racing callers get different
    numbers, and the number of a deleted version is not given again. InvalidFields as `continued`.
    """
    earlier = continued(dataset.workspace, version_of)
    if earlier is None:
        return None
    family = family_of(earlier)
    Dataset.objects.filter(uid=family, family="").update(family=family)
    for _ in range(ATTEMPTS):
        if _numbered(dataset, family):
            return earlier
    raise Conflict("Several versions came at once.", "Try again.")


def _numbered(dataset: Dataset, family: str) -> bool:
    """Take the number after the last one; False when somebody else took it."""
    last = Dataset.objects.filter(family=family).exclude(pk=dataset.pk).aggregate(n=Max("version"))
    dataset.family, dataset.version = family, (last["n"] or 0) + 1
    try:
        with transaction.atomic():
            dataset.save(update_fields=["family", "version"] if dataset.pk else None)
    except IntegrityError:
        return False
    return True


def narrowed(rows: DatasetQuerySet, params: Mapping[str, str]) -> DatasetQuerySet:
    """The newest version of each dataset; all of one with `family`, all with `versions=all`."""
    if family := params.get("family"):
        return rows.filter(Q(family=family) | Q(uid=family, family=""))
    return rows if params.get("versions") == "all" else newest(rows)


def newest(rows: DatasetQuerySet) -> DatasetQuerySet:
    """Without those of which a later version is there, all of it: an upload may never end."""
    later = Dataset.objects.present().exclude(status=Dataset.Status.UPLOADING)
    later = later.filter(family=OuterRef("family"), version__gt=OuterRef("version"))
    return rows.filter(Q(family="") | ~Exists(later))


def counted(rows: DatasetQuerySet) -> DatasetQuerySet:
    """Each with `versions`: how many of its family are there."""
    family = Dataset.objects.present().filter(family=OuterRef("family")).order_by()
    count = family.values("family").annotate(n=Count("pk")).values("n")
    found = Coalesce(Subquery(count, output_field=IntegerField()), 1)
    return rows.annotate(versions=Case(When(family="", then=1), default=found))


def count(dataset: Dataset) -> int:
    """How many versions are there; not asked again of what `counted` brought."""
    found: int | None = getattr(dataset, "versions", None)
    return len(all_of(dataset)) if found is None else found


def all_of(dataset: Dataset) -> list[Dataset]:
    """Every version that is there, the newest first."""
    rows = Dataset.objects.present().of(dataset.workspace).listed()
    rows = narrowed(rows, {"family": family_of(dataset)})
    return list(rows.order_by(F("version").desc()))
