class UpError(Exception):
    """The console cannot start: one line that says why and what to do."""


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, a closed terminal."""
