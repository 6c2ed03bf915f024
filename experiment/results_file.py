"""What was run, as a file: written whole after every run, so that an interrupted experiment goes on where it stopped."""

import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

import cluttered_digits
import poolwright_torch
import small_networks
import training
from training import Result

Key = tuple[str, str, int]


class SettingError(ValueError):
    """The runs in a file were made by another setting or with other versions than those that would be added."""


def setting(epochs: int) -> dict[str, object]:
    """Every number that decides a run, by its name in the source."""
    numbers = {
        name.lower(): value
        for module in (cluttered_digits, small_networks, training)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int | float | tuple)
    }
    return {**numbers, "epochs": epochs}


def versions() -> dict[str, str]:
    """What else decides the last bits of a run."""
    packages = {name: version(name) for name in ("torch", "numpy", "scikit-learn")}
    return {"python": platform.python_version(), **packages, "machine": platform.machine()}


def code() -> str:
    """A digest of the sources that a run is made by: those of the experiment and those of the package."""
    folders = (Path(__file__).parent, Path(poolwright_torch.__file__).parent)
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def key(run: Result) -> Key:
    return run["network"], run["pooling"], run["seed"]


def read(path: Path) -> dict:
    """The contents of a results file: setting, versions, code, runs."""
    return json.loads(path.read_text())


def other_setting(stored: dict, epochs: int) -> str:
    """Where the setting of what was stored differs from that of this experiment, in words; empty where it does not."""
    now = json.loads(json.dumps(setting(epochs)))  # As it is stored: lists for tuples.
    then = stored["setting"]
    names = [name for name in now | then if now.get(name) != then.get(name)]
    return ", ".join(f"{name} {then.get(name)} in place of {now.get(name)}" for name in names)


def runs_to_continue(path: Path, epochs: int) -> list[Result]:
    """Runs in the file that further ones may stand beside; none without a file.

    Raises:
        SettingError: they were made otherwise.
    """
    if not path.exists():
        return []
    stored = read(path)
    if difference := other_setting(stored, epochs):
        raise SettingError(f"{path} has runs of another setting ({difference}): add --fresh, or name another folder by --out")
    if stored["versions"] != versions():
        raise SettingError(f"{path} has runs made with {stored['versions']}, and these are {versions()}: add --fresh")
    if stored.get("code") != code():
        raise SettingError(f"{path} has runs made by other code, of the experiment or of the package: add --fresh")
    return stored["runs"]


def write(path: Path, runs: list[Result], epochs: int) -> None:
    """Replaces the file at once: whoever reads it sees the old or the new one."""
    contents = {"setting": setting(epochs), "versions": versions(), "code": code()}
    lines = ",\n".join(json.dumps(run) for run in sorted(runs, key=key))
    text = "".join(f'"{name}": {json.dumps(value, indent=1)},\n' for name, value in contents.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.json")
    beside.write_text(f'{{\n{text}"runs": [\n{lines}\n]\n}}\n')
    beside.replace(path)
