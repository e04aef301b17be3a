"""One real console for the stories: Valkey, localaws, web, worker and beat as users start them."""

import pytest

from bench.console import Console, starting


@pytest.fixture(scope="session")
def console(tmp_path_factory) -> Console:
    with starting(tmp_path_factory.mktemp("story") / "var") as running:
        yield running
