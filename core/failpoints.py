"""Named places where a fault test may kill the process; nothing happens unless the test asks."""

import os
import signal


def reach(name: str) -> None:
    """SIGKILL this process when `MLCONSOLE_FAILPOINT` names this place."""
    if os.environ.get("MLCONSOLE_FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
