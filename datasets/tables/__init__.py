"""Tables: what their columns hold, and how their rows become an algorithm's rows."""

from datasets.tables.columns import Profile
from datasets.tables.encoding import BadCell, Encoding, encode_columns, encode_row, feature_names

__all__ = ["BadCell", "Encoding", "Profile", "encode_columns", "encode_row", "feature_names"]
