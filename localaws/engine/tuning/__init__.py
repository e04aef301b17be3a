"""Hyperparameter tuning: which values to try next, which trials to end early, when to finish."""
