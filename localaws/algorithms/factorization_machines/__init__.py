"""Factorization Machines: https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines.html"""
