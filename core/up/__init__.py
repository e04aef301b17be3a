"""`manage.py up`: the whole console on one machine, one process tree, nothing left behind."""
