"""Linear Learner: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner.html"""
