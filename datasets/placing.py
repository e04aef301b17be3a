"""Where a preparation's work is done: by our worker, or by a SageMaker Processing job."""

from django.template.defaultfilters import filesizeformat

from aws import naming
from core import workspaces
from datasets.errors import TooLargeHere
from datasets.models import Dataset, Preparation

PREPARE, DIVIDE, WRITE = "prepare", "divide", "write"  # the jobs' stages
MOST_INSTANCES = 8


def job_of(preparation: Preparation) -> str:
    """The name of the job that an unsaved preparation begins with; "" when our worker prepares it.

    TooLargeHere where a job would be needed and may not run.
    """
    size = sum(table.bytes for table in tables_of(preparation).values())
    workspace = preparation.workspace
    if size <= workspace.prepare_here_bytes:
        return ""
    if not workspaces.may_run_scripts(workspace):
        raise TooLargeHere(
            f"The data has {_spelt(size)}. Above {_spelt(workspace.prepare_here_bytes)} a "
            "SageMaker Processing job prepares it, which is a script, and this workspace runs none "
            "on this machine.",
            "An admin can raise the limit, or allow local scripts, on the workspace's page.",
        )
    return name_of(preparation, DIVIDE if len(preparation.dataset.parts) > 1 else PREPARE)


def tables_of(preparation: Preparation) -> dict[str, Dataset]:
    """The datasets it reads, by the names in `survey.FILES`."""
    given = {
        "main": preparation.dataset,
        "validation": preparation.validation_dataset,
        "test": preparation.test_dataset,
    }
    return {name: dataset for name, dataset in given.items() if dataset is not None}


def name_of(preparation: Preparation, stage: str) -> str:
    return naming.processing_job(f"{stage}-{preparation.dataset.name}", preparation.uid)


def stage_of(preparation: Preparation) -> str:
    return preparation.processing_job.partition("-")[0]


def instances_of(preparation: Preparation) -> int:
    """How many machines its present stage gets: rows are only written by several."""
    if stage_of(preparation) != WRITE:
        return 1
    return min(len(preparation.dataset.parts), MOST_INSTANCES)


def _spelt(size: int) -> str:
    return filesizeformat(size).replace("\xa0", " ")
