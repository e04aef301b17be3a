"""RecordIO-protobuf, the format of Amazon's own algorithms, without a protobuf library.

https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html. Compared byte for byte with what
`sagemaker.serializer_utils` writes.
"""

CONTENT_TYPE = "application/x-recordio-protobuf"
