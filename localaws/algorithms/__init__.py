"""The built-in algorithms. Each is a program, `python -m localaws.algorithms.NAME train|serve`."""
