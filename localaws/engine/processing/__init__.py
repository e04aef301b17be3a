"""Processing jobs: a script over files from S3, whose own files go back there."""
