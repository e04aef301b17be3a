"""The SageMaker API: one module per resource."""
