"""What can be noticed in a table beyond its single columns: collected in one pass, told at the end.

Constant columns, repeated rows, columns of pixels, texts, identifiers, and for each column that
somebody may want to predict what goes along with it or gives it away.
"""

from datasets.insights.collect import Insights
from datasets.insights.look import Look, Numbers

__all__ = ["Insights", "Look", "Numbers"]
