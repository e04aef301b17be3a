"""Where a job runs, as every wish and every job in the API says it."""

from ninja import Field, Schema

from jobs.machine import Machine


class MachineFields(Schema):
    """`max_wait_seconds` counts with `use_spot` only; `aws_tags` are set beside the console's."""

    instance_type: str
    instance_count: int = 1
    volume_gb: int = 10
    max_runtime_seconds: int = 3_600
    use_spot: bool = False
    max_wait_seconds: int | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    aws_tags: dict[str, str] = Field(default_factory=dict)

    @property
    def machine(self) -> Machine:
        return Machine(**self.model_dump(include=set(Machine.__annotations__)))
