"""The only place that speaks boto3: plain functions, frozen dataclasses, our own errors."""
