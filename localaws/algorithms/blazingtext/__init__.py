"""BlazingText, by fastText: text classification and word vectors.

https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext.html
"""
