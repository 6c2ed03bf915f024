"""What tests in several files stand on, made once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cuda_here import StandIn, nvrtc_or_skip, script


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of kernels, as a package has them, and of calls with what must come out."""
    folder = tmp_path_factory.mktemp("kernels")
    subprocess.run([*script("exported.ts"), folder], check=True)
    return folder


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The driver's stand-in, with the emulator behind it."""
    nvrtc_or_skip()
    made = StandIn(tmp_path_factory.mktemp("driver"))
    yield made
    made.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest file first, so that its worker is not the last one."""
    items.sort(key=lambda item: item.path.name != "test_train.py")
