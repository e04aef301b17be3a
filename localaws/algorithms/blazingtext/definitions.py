"""The metrics of the algorithm, and how the service finds them in its log."""

METRICS = (
    ("train:accuracy", r"#train_accuracy: (\S+)"),
    ("train:mean_rho", r"#mean_rho: (\S+)"),
    ("validation:accuracy", r"#validation_accuracy: (\S+)"),
)
