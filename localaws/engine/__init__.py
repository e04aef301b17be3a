"""What really runs: training subprocesses and model servers."""
