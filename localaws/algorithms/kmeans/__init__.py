"""K-Means, web scale: https://docs.aws.amazon.com/sagemaker/latest/dg/k-means.html"""
