"""The only place that speaks boto3: plain functions in, frozen dataclasses and our own errors out."""
