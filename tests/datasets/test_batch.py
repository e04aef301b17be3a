"""The program of a processing job by itself: its stages on one and on several machines."""

import io
import json
import subprocess
import sys
import zipfile

import pytest

from datasets import packing
from datasets.batch import order as orders
from datasets.batch import program, stages
from datasets.formats.sniff import Dialect
from datasets.tables import Profile

HEADER = "size,colour,price\n"
ROWS = [f"{n % 13},{('red', 'green', 'blue')[n % 3]},{n / 7:.2f}\n" for n in range(500)]
PARTS = ("p/00000-a.csv", "p/00001-b.csv", "p/00002-c.csv", "p/00003-d.csv")
SIZES = (200, 1, 150, 149)


def columns():
    profile = Profile(HEADER.strip().split(","))
    for start in range(0, len(ROWS), 100):
        profile.add([row.strip().split(",") for row in ROWS[start : start + 100]])
    return profile.columns()


def order(**wish):
    default = {"target": "colour", "algorithm": "knn", "stratify": True, "recipe": {}}
    return orders.Order(
        wish={
            "columns": columns(),
            "rows": len(ROWS),
            "fractions": [0.6, 0.2, 0.2],
            "files": {},
            **default,
            **wish,
        },
        seed=7,
        tables={"main": orders.Table(Dialect(",", "utf-8"), PARTS)},
        packages={},
    )


def given(folder, order, *, names=PARTS):
    """A machine's inputs: the order, and some of the parts."""
    (folder / "order").mkdir(parents=True)
    (folder / "order" / "order.json").write_bytes(orders.to_json(order))
    start = 0
    for name, size in zip(PARTS, SIZES, strict=True):
        path = folder / "main" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in names:
            path.write_text(HEADER + "".join(ROWS[start : start + size]))
        start += size
    return folder


def run(stage, folder, made):
    program.main(
        [
            stage,
            *("--given", str(folder)),
            *("--made", str(made)),
            *("--message", str(folder / "message")),
        ]
    )


def whole(folder, split):
    """A channel's objects in the order of their numbers, as one."""
    found = sorted(folder.glob(f"{split}/part-*"), key=lambda path: int(path.stem[5:]))
    return b"".join(path.read_bytes() for path in found)


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"algorithm": "xgboost", "recipe": {"sample": "down", "scale": "minmax"}},
        {"target": "price", "algorithm": "xgboost", "recipe": {"format": "libsvm"}},
    ],
)
def test_several_machines_write_what_one_does(tmp_path, wish):
    told = order(**wish)
    run("prepare", given(tmp_path / "one", told), tmp_path / "alone")
    expected = json.loads((tmp_path / "alone/result/result.json").read_text())
    run("divide", given(tmp_path / "planner", told), tmp_path / "planned")
    written = tmp_path / "written"
    for number, names in enumerate(((PARTS[3], PARTS[0]), (PARTS[2],), (PARTS[1],), ())):
        machine = given(tmp_path / f"writer{number}", told, names=names)
        (machine / "plan").symlink_to(tmp_path / "planned/plan")
        run("write", machine, written)
    for split in ("train", "validation", "test"):
        assert whole(written / "channels", split) == whole(tmp_path / "alone/channels", split)
        assert whole(written / "channels", split)

    plan = json.loads((tmp_path / "planned/plan/plan.json").read_text())
    parts = [json.loads((written / f"result/part-{n}.json").read_text()) for n in range(4)]
    found = stages.summed(told, plan, parts)
    for channel in expected["channels"].values():
        channel["path"] = channel["path"].rpartition("/")[0] + "/"
    assert json.loads(json.dumps(found.__dict__)) == expected
    with pytest.raises(ValueError, match="left 1 of 4 parts out"):
        stages.summed(told, plan, parts[1:])


def test_the_same_order_gives_the_same_plan(tmp_path):
    for name in ("a", "b"):
        run("divide", given(tmp_path / name, order()), tmp_path / f"made-{name}")
    first, second = (tmp_path / f"made-{name}/plan" for name in ("a", "b"))
    assert {path.name for path in first.iterdir()} == {"plan.json", "classes.npy", "assigned.npy"}
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


@pytest.mark.parametrize("stage", ["prepare", "divide"])
def test_a_part_that_did_not_arrive_is_told(tmp_path, stage):
    folder = given(tmp_path / "given", order(), names=PARTS[:3])
    with pytest.raises(SystemExit, match="Part 4 of the data did not arrive"):
        run(stage, folder, tmp_path / "made")
    assert (folder / "message").read_text() == "Part 4 of the data did not arrive."


def test_a_part_with_other_columns_is_told(tmp_path):
    folder = given(tmp_path / "given", order())
    (folder / "main" / PARTS[2]).write_text("size,colour,weight\n1,red,2\n")
    with pytest.raises(SystemExit, match="Its column 3 is “weight”, before it is “price”"):
        run("prepare", folder, tmp_path / "made")


def test_an_order_is_read_as_it_was_written():
    told = order(recipe={"scale": "standard"})
    assert orders.from_json(orders.to_json(told)).recipe() == told.recipe()
    assert orders.to_json(told) == orders.to_json(order(recipe={"scale": "standard"}))


def test_a_package_that_cannot_be_had_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    lacking = orders.Order(**{**order().__dict__, "packages": {"no-such-package": "1.0"}})
    with pytest.raises(SystemExit, match=r"no-such-package==1\.0 could not be installed"):
        run("prepare", given(tmp_path / "given", lacking), tmp_path / "made")


def test_the_packed_program_is_always_the_same_and_small():
    packed = packing.program()
    assert packed == packing.program()
    assert len(packed) < 300_000
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert "__main__.py" in names
    assert "datasets/models.py" not in names


def test_the_packed_program_needs_nothing_of_this_project(tmp_path):
    """In a folder of its own, without the project on its path, nor Django nor boto3 loaded."""
    (tmp_path / "prepare.pyz").write_bytes(packing.program())
    folder = given(tmp_path / "given", order())
    run_it = (
        "import runpy, sys; sys.argv[0] = 'prepare.pyz'; runpy.run_path('prepare.pyz', "
        "run_name='__main__'); found = {n.partition('.')[0] for n in sys.modules}; "
        "print(found & {'django', 'boto3', 'celery', 'core', 'aws'})"
    )
    arguments = ["prepare", "--given", folder, "--made", "made", "--message", "message"]
    done = subprocess.run(
        [sys.executable, "-I", "-c", run_it, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "set()"
    run("prepare", given(tmp_path / "again", order()), tmp_path / "here")
    for path in (tmp_path / "here").rglob("*.*"):
        assert (tmp_path / "made" / path.relative_to(tmp_path / "here")).read_bytes() == (
            path.read_bytes()
        )
