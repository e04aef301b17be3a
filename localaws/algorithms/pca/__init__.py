"""Principal Component Analysis: https://docs.aws.amazon.com/sagemaker/latest/dg/pca.html"""
