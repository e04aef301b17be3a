import stat
from concurrent.futures import ThreadPoolExecutor

from core import local


def test_it_generates_once_and_remembers(tmp_path):
    first = local.load_secrets(tmp_path / "var")
    assert local.load_secrets(tmp_path / "var") == first
    assert len(first.secret_key) >= 50
    assert len(first.valkey_password) >= 32


def test_it_is_closed_to_other_users(tmp_path):
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o755)
    local.load_secrets(data_dir)
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert [p.name for p in data_dir.iterdir()] == ["secrets.json"]
    assert stat.S_IMODE((data_dir / "secrets.json").stat().st_mode) == 0o600


def test_it_agrees_when_many_processes_start_at_once(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(local.load_secrets, [tmp_path / "var"] * 64))
    assert len(answers) == 1


def test_it_keeps_secrets_out_of_its_repr(tmp_path):
    secrets = local.load_secrets(tmp_path)
    assert secrets.secret_key not in repr(secrets)
    assert secrets.valkey_password not in repr(secrets)
