"""Asynchronous inference: requests wait in the database, answers go to S3.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""
