class UpError(Exception):
    """The console cannot start: one line that says why and what to do."""
