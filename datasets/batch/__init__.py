"""A preparation as a program of its own: what a SageMaker Processing job runs. Pure.

Packed by `datasets.packing`; everything that it imports lies in modules that are pure too.
"""
