"""k-Nearest Neighbors: https://docs.aws.amazon.com/sagemaker/latest/dg/k-nearest-neighbors.html"""
