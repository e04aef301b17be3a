"""Random Cut Forest: https://docs.aws.amazon.com/sagemaker/latest/dg/randomcutforest.html"""
