# Needs Python >= 3.11 and make, GNU or BSD. The first `make run` installs into .venv; later ones
# are offline. Arguments: make run ARGS="--port 8123 --no-sample", make test ARGS="-k upload".

PYTHON = .venv/bin/python
TEMPLATES = find templates -name '*.html' -exec
COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

# Tests start some hundred processes; without bytecode each would compile every module again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help run test test-postgres test-sdk test-sdk2 test-sdk3 extras check fix bench bench-mlflow lock clean

help:
	@echo "make run            start the console on this machine (ARGS: see manage.py up --help)"
	@echo "make test           every test, on SQLite (ARGS: pytest's)"
	@echo "make test-postgres  the model, state and fault tests, on PostgreSQL"
	@echo "make test-sdk       notebooks' workflows with the unmodified SageMaker SDK, versions 2 and 3"
	@echo "make test-sdk2, make test-sdk3   one of the two, in .venv-sdk or .venv-sdk3 (ARGS: pytest's)"
	@echo "make extras         TensorFlow and PyTorch for the scripts and models of localaws"
	@echo "                    (ARGS=tensorflow or ARGS=pytorch: one of them)"
	@echo "make check          formats, lints, import contracts, templates, migrations, types"
	@echo "make fix            let the formatters repair what they can"
	@echo "make bench          measure; one JSON line per figure"
	@echo "make bench-mlflow   MLflow in .venv-mlflow, for the figure that stands beside it"
	@echo "make lock           compile requirements/*.in (ARGS: --upgrade)"
	@echo "make clean          remove what the tools made; your data in var/ stays"

run:
	@sh requirements/install run
	@$(PYTHON) manage.py up $(ARGS)

test:
	@sh requirements/install test
	$(PYTHON) -m pytest -n 3 --dist loadfile $(ARGS)

test-postgres:
	@sh requirements/install test
	$(PYTHON) -m tests.on_postgres -m postgres -n 2 $(ARGS)

test-sdk: test-sdk2 test-sdk3

test-sdk2:
	@sh requirements/install sdk
	@sh requirements/install pytorch .venv-sdk
	.venv-sdk/bin/python -m pytest -c tests/sdk/pytest.ini tests/sdk $(ARGS)

# localaws itself runs in .venv-sdk.
test-sdk3:
	@sh requirements/install sdk
	@sh requirements/install pytorch .venv-sdk
	@sh requirements/install sdk3
	.venv-sdk3/bin/python -m pytest -c tests/sdk3/pytest.ini tests/sdk3 $(ARGS)

extras:
	@sh requirements/install run
	@set -e; chosen="$(ARGS)"; for name in $${chosen:-tensorflow pytorch}; do \
		sh requirements/install "$$name"; done

# Fastest first.
check:
	@sh requirements/install test
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	.venv/bin/lint-imports --no-logo
	$(TEMPLATES) .venv/bin/djade --check --target-version 5.2 {} +
	.venv/bin/djhtml --check --tabwidth 2 templates
	$(PYTHON) manage.py check --fail-level WARNING
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) -m mypy .

fix:
	@sh requirements/install test
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	-$(TEMPLATES) .venv/bin/djade --target-version 5.2 {} +
	-.venv/bin/djhtml --tabwidth 2 templates

bench:
	@sh requirements/install test
	$(PYTHON) -m bench $(ARGS)

# Nothing of the product needs it: the newest, and not pinned.
bench-mlflow:
	$(PYTHON) -m venv .venv-mlflow
	.venv-mlflow/bin/python -m pip install --disable-pip-version-check --no-input --only-binary :all: mlflow

lock:
	@sh requirements/install test
	$(COMPILE) $(ARGS) requirements/run.in --output-file requirements/run.txt
	$(COMPILE) $(ARGS) requirements/test.in --constraint requirements/run.txt --output-file requirements/test.txt
	$(COMPILE) $(ARGS) requirements/tensorflow.in --constraint requirements/run.txt --output-file requirements/tensorflow.txt
	$(COMPILE) $(ARGS) requirements/sdk.in --output-file requirements/sdk.txt
	$(COMPILE) $(ARGS) requirements/sdk3.in --output-file requirements/sdk3.txt

clean:
	rm -rf .venv .venv-sdk .venv-sdk3 .venv-mlflow .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf staticfiles artifacts htmlcov .coverage tests/sdk/.pytest_cache tests/sdk3/.pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
