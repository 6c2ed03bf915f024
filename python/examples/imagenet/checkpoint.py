"""Checkpoints that are whole whenever a run ends, with the random states from which it goes on to the same bits."""

import os
import pickle
from pathlib import Path
from typing import Any

import torch

# What a checkpoint has.
CONTENT = {"settings", "classes", "epoch", "step", "model", "optimizer", "scaler", "random"}


def write(path: Path, content: dict[str, Any]) -> None:
    """Writes beside and renames, so that the file is at any time the old one or the new one."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read(path: Path) -> dict[str, Any]:
    """Reads onto the CPU, and nothing but data: no code in a file is run.

    Raises:
        SystemExit: there is no such file, or it is something else.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise SystemExit(f"{path} cannot be read as a checkpoint: {why}") from error
    if not isinstance(content, dict) or not CONTENT <= content.keys():
        raise SystemExit(f"{path} is no checkpoint of train.py: that has {', '.join(sorted(CONTENT))}")
    return content


def random_states(device: torch.device) -> dict[str, Any]:
    """The states of this process's generators: PyTorch's, and its GPU's."""
    states = {"torch": torch.get_rng_state()}
    return {**states, "cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else states


def restore_random_states(states: dict[str, Any], device: torch.device) -> None:
    torch.set_rng_state(states["torch"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"], device)
