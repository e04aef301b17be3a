from typing import Self

from django.db import models

from core.models import Tracked, TrackedQuerySet


class DatasetQuerySet(TrackedQuerySet["Dataset"]):
    HEAVY = ("columns", "preview", "insights", "parts")  # it can be megabytes a row

    def listed(self) -> Self:
        """Without what only a dataset's own page shows."""
        return self.defer(*self.HEAVY)


class Dataset(Tracked):
    """One version of a table, kept byte for byte in the workspace's bucket under `key`."""

    class Status(models.TextChoices):
        UPLOADING = "Uploading"
        PROFILING = "Profiling"
        READY = "Ready"
        FAILED = "Failed"

    class Format(models.TextChoices):
        CSV = "csv", "CSV or TSV"
        PARQUET = "parquet", "Parquet"
        JSON_LINES = "jsonl", "JSON lines"
        LIBSVM = "libsvm", "libsvm"
        NPZ = "npz", "NumPy"
        IDX = "idx", "IDX"
        RECORDIO = "recordio", "RecordIO-protobuf"
        LABELLED = "labelled", "text with labels"

    TERMINAL = frozenset({Status.READY, Status.FAILED})
    LIVE = "dataset"
    PAGE = "datasets:detail"
    NOTED = ("version",)
    ELSEWHERE = "mlconsole://"  # workspace/uid: the source of a copy from another workspace

    filename = models.CharField(max_length=255)
    key = models.CharField(max_length=512)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    # The uid of the first version; all versions of a dataset share it.
    family = models.CharField(max_length=10, blank=True, db_index=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    # s3://bucket/prefix that it was imported from, or what it is a copy of, if it is either.
    source = models.CharField(max_length=1100, blank=True, editable=False)
    # [{key, bytes}]: the objects of a table in many parts, in reading order; else empty.
    parts = models.JSONField(default=list, blank=True, editable=False)
    # The multipart upload while Uploading: what a sweep aborts when the upload was cut off.
    upload_id = models.CharField(max_length=1024, blank=True, editable=False)
    # A resumable upload: bytes a part, and by what the same file is known when it is chosen again.
    part_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    format = models.CharField(max_length=12, choices=Format, default=Format.CSV)
    encoding = models.CharField(max_length=32, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    quote = models.CharField(max_length=1, blank=True, default='"')  # "" when nothing is quoted
    has_header = models.BooleanField(default=True)
    compression = models.CharField(max_length=8, blank=True)  # "", "gzip" or "zip"
    rows = models.PositiveBigIntegerField(null=True)
    # One dict a column, as `datasets.tables.Profile.columns` makes it.
    columns = models.JSONField(default=list)
    # {columns: [name], rows: [[text]]}: the first rows as they stand in the file
    preview = models.JSONField(default=dict)
    # What was noticed beyond single columns: see `datasets.insights`.
    insights = models.JSONField(default=dict, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    is_sample = models.BooleanField(default=False)

    objects = DatasetQuerySet.as_manager()

    @property
    def note(self) -> str:
        return f"version {self.version}"

    @property
    def origin(self) -> tuple[str, str] | None:
        """The workspace's slug and the uid of the dataset that this one is a copy of."""
        if not self.source.startswith(self.ELSEWHERE):
            return None
        slug, _, uid = self.source.removeprefix(self.ELSEWHERE).partition("/")
        return slug, uid

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "-created_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "version"],
                condition=~models.Q(family=""),
                name="one_dataset_per_version",
            )
        ]


class PreparationQuerySet(TrackedQuerySet["Preparation"]):
    def listed(self) -> Self:
        """Without what only its own page shows, also of its datasets."""
        files = ("dataset", "validation_dataset", "test_dataset")
        heavy = [f"{file}__{field}" for file in files for field in DatasetQuerySet.HEAVY]
        return self.select_related(*files).defer(*heavy, "encoding", "preview", "implied")


class Preparation(Tracked):
    """The recipe from a dataset to an algorithm's channels: seeded, so it can be repeated."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        PREPARING = "Preparing"
        READY = "Ready"
        FAILED = "Failed"

    class Task(models.TextChoices):
        BINARY = "binary"
        MULTICLASS = "multiclass"
        REGRESSION = "regression"
        CLUSTERING = "clustering"  # no target: K-Means, PCA, Random Cut Forest

    TERMINAL = frozenset({Status.READY, Status.FAILED})
    LIVE = "preparation"
    PAGE = "datasets:preparation"
    NOTED = ("channels",)

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="preparations")
    # The rows of these splits, when they come from files of their own.
    validation_dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="validates", null=True, blank=True
    )
    test_dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="tests", null=True, blank=True
    )
    target = models.CharField(max_length=255, blank=True)
    algorithm = models.CharField(max_length=40)
    # Fractions of the rows; they sum to 1.
    train = models.FloatField(default=0.7)
    validation = models.FloatField(default=0.2)
    test = models.FloatField(default=0.1)
    seed = models.PositiveIntegerField(default=0)
    stratify = models.BooleanField(default=True)
    # What goes beyond the fields above, as `datasets.recipe` reads it; {} is the plain recipe.
    recipe = models.JSONField(default=dict, blank=True)
    # The uid of the preparation whose recipe this one repeats on other data.
    repeats = models.CharField(max_length=10, blank=True, editable=False)
    # The SageMaker Processing job that does the work; "" when our worker does.
    processing_job = models.CharField(max_length=63, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(default=0)
    task = models.CharField(max_length=12, choices=Task, blank=True)
    features = models.JSONField(default=list)  # column names in the channels' order
    encoding = models.JSONField(default=dict)  # `datasets.tables.Encoding`: columns to features
    labels = models.JSONField(default=list)  # labels[code] is the name; empty for regression
    # {split: {uri, rows, content_type, bytes, counts: {label: rows}}}
    channels = models.JSONField(default=dict)
    preview = models.JSONField(default=list)  # the first lines of the training channel
    implied = models.JSONField(default=dict)  # {hyperparameter: text} that the data decide
    artefacts = models.JSONField(default=dict)  # {name: s3 uri}: a vocabulary, say

    objects = PreparationQuerySet.as_manager()

    @property
    def note(self) -> str:
        return f"channels {', '.join(self.channels)}" if self.channels else ""

    @property
    def shares(self) -> str:
        """70 / 20 / 10 %."""
        return " / ".join(f"{100 * s:.4g}" for s in (self.train, self.validation, self.test)) + " %"

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
