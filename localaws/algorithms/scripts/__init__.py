"""Script mode: the user's own program in the place of an algorithm.

The containers' toolkits, github.com/aws/sagemaker-training-toolkit and sagemaker-inference-toolkit,
as far as a script can see them.
"""
