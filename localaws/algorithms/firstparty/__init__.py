"""What Amazon's own algorithms share: hyperparameters, channels, log lines, requests, responses.

https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html; log lines and
messages as real jobs printed them.
"""
