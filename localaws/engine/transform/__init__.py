"""Batch transform: objects from S3 through a model server and back to S3."""
