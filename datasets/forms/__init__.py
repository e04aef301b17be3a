"""What lists and forms may be asked; validated by the steps, as the API is."""

from datasets.forms.lists import DATASET_COLUMNS, PREPARATION_COLUMNS
from datasets.forms.preparing import PrepareForm
from datasets.forms.shape import ShapeForm

__all__ = ["DATASET_COLUMNS", "PREPARATION_COLUMNS", "PrepareForm", "ShapeForm"]
