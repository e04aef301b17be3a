"""Forms made from the catalogue; the steps' own validators decide."""

from jobs.forms.launch import PREFIX, NewJobForm, initial_of, wish_of
from jobs.forms.tuning import RangeRow, TuningForm

__all__ = ["PREFIX", "NewJobForm", "RangeRow", "TuningForm", "initial_of", "wish_of"]
