"""The server's files, checked as far as that goes without Docker."""

import re
import subprocess
import sys

import pytest
import yaml

from tests.architecture.sources import ROOT

GIVEN = {
    "SECRET_KEY": "k3" * 10 + "".join(map(chr, range(97, 123))) * 2,
    "ALLOWED_HOSTS": "console.example.com",
    "POSTGRES_PASSWORD": "postgrespassword",
    "REDIS_PASSWORD": "redispassword",
}
VARIABLE = re.compile(r"\$\{(\w+):([?-])([^}]*)\}")
SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|ACCESS_KEY|_URL$")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text()


def substituted(value, given):
    """What compose makes of ${NAME:-default} and ${NAME:?error}; KeyError where it would refuse."""

    def replace(match):
        name, kind, default = match.groups()
        return given[name] if kind == "?" else given.get(name) or default

    return VARIABLE.sub(replace, str(value))


def environment_of(service, given):
    handed_on = {name: given.get(name) for name, value in service.items() if value is None}
    fixed = {n: substituted(v, given) for n, v in service.items() if v is not None}
    return fixed | {name: value for name, value in handed_on.items() if value}


def check(environment, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_compose_file_follows_the_schema():
    validate = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run(
        [*validate, "docker-compose.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ["web", "worker", "heavy", "beat", "migrate"])
def test_the_settings_boot_with_the_environment_of(compose, name):
    environment = environment_of(compose["services"][name]["environment"], GIVEN)
    result = check(environment, "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_nothing_starts_without(compose, missing):
    given = {name: value for name, value in GIVEN.items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        environment_of(compose["services"]["web"]["environment"], given)


def test_a_short_secret_is_refused(compose):
    given = GIVEN | {"SECRET_KEY": "short"}
    result = check(environment_of(compose["services"]["web"]["environment"], given))
    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr


def test_no_secret_is_written_down(compose):
    written = [
        f"{service} {name}"
        for service, definition in compose["services"].items()
        for name, value in definition.get("environment", {}).items()
        if SECRET.search(name) and value is not None and ":?" not in value
    ]
    assert not written


def test_passwords_stay_off_command_lines(compose):
    commands = [str(d.get("command", "")) for d in compose["services"].values()]
    assert not [command for command in commands if re.search(r"(?<!\$)\$\{?\w*PASSWORD", command)]


def test_every_service_waits_for_what_it_needs(compose):
    services = compose["services"]
    for name in ("web", "worker", "heavy", "beat"):
        needs = services[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"
    for name in ("postgres", "redis", "localaws", "worker"):
        assert services[name]["healthcheck"]["test"]


def test_every_volume_is_named_and_every_image_pinned(compose):
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"], name
        image = service["image"]
        assert image == "mlconsole" or re.search(r":\d", image), image


def test_localaws_is_an_optional_profile(compose):
    profiles = {name: s.get("profiles") for name, s in compose["services"].items()}
    assert profiles.pop("localaws") == ["local"]
    assert not any(profiles.values())


def test_the_image_runs_without_privileges_and_checks_itself(dockerfile):
    final = dockerfile.split("\nFROM ")[-1]
    assert re.search(r"^USER mlconsole$", final, re.MULTILINE)
    assert final.index("collectstatic") < final.index("USER mlconsole") < final.index("\nCMD")
    assert re.search(r"^HEALTHCHECK .*/livez", dockerfile.replace("\\\n", ""), re.MULTILINE)
    assert dockerfile.count("--require-hashes") == 1


def test_the_health_check_is_a_program_that_runs(dockerfile):
    joined = dockerfile.replace("\\\n", "")
    program = re.search(r'HEALTHCHECK .*CMD \["python", "-c", "(.*?)"\]', joined)[1]
    compile(program, "HEALTHCHECK", "exec")
    assert "urlopen" in program


def test_the_image_takes_only_what_the_console_runs():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not {"var", ".env", ".git", "tests", ".venv"} & allowed
    assert all((ROOT / name).exists() for name in allowed)
