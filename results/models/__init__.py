from results.models.evaluations import Evaluation
from results.models.reports import Report
from results.models.samples import Sample, SampleQuerySet
from results.models.shares import Share

__all__ = ["Evaluation", "Report", "Sample", "SampleQuerySet", "Share"]
