"""Checkpoints that are whole whenever a run ends, with the random states from which it goes on to the same bits."""

import os
import random
from pathlib import Path
from typing import Any

import torch


def write(path: Path, content: dict[str, Any]) -> None:
    """Writes beside and renames, so that the file is at any time the old one or the new one."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read(path: Path) -> dict[str, Any]:
    """Reads onto the CPU, and nothing but data: no code in a file is run."""
    return torch.load(path, map_location="cpu", weights_only=True)


def random_states(device: torch.device) -> dict[str, Any]:
    """The states of this process's generators: Python's, PyTorch's, and its GPU's."""
    states = {"python": random.getstate(), "torch": torch.get_rng_state()}
    return {**states, "cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else states


def restore_random_states(states: dict[str, Any], device: torch.device) -> None:
    random.setstate(states["python"])
    torch.set_rng_state(states["torch"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"], device)
