"""Compiled kernels on the disk, so that a text is compiled once a machine and not once a process.

They lie in the folder ``torch`` of ``POOLWRIGHT_CACHE``, or of ``poolwright`` in the user's cache folder. A file that is torn, or
not ours, is compiled again; where none can be written, all works, and is compiled each time.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import warnings
from pathlib import Path

from .nvrtc import Compiled, choose_arch, find_nvrtc, flags_for

# Raised when a file gets another form, or compiling another meaning: what was kept before is then never met.
_FORMAT = b"poolwright torch 1\n"
_DIGEST_BYTES = 32
_LENGTH_BYTES = 8

_warned = threading.Event()


def _folder() -> Path:
    """Raises OSError where the user has no home, as in some containers."""
    told = os.environ.get("POOLWRIGHT_CACHE")
    if told:
        return Path(told) / "torch"
    user = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    try:
        return (Path(user) if user else Path.home() / ".cache") / "poolwright" / "torch"
    except RuntimeError as error:
        raise OSError(error) from error


def _encoded(compiled: Compiled) -> bytes:
    body = len(compiled.ptx).to_bytes(_LENGTH_BYTES, "little") + compiled.ptx + compiled.cubin
    return _FORMAT + hashlib.sha256(body).digest() + body


def _decoded(data: bytes) -> Compiled | None:
    head = len(_FORMAT) + _DIGEST_BYTES
    body = data[head:]
    if data[:head] != _FORMAT + hashlib.sha256(body).digest():
        return None
    end = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "little")
    return Compiled(body[_LENGTH_BYTES:end], body[end:])


def _read(name: str) -> Compiled | None:
    try:
        return _decoded((_folder() / name).read_bytes())
    except OSError:
        return None


def _write(name: str, data: bytes) -> None:
    """Writes beside the place and moves there, so that nobody reads half a file."""
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=folder, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(beside, folder / name)
        except OSError:
            os.unlink(beside)
            raise
    except OSError as error:
        if not _warned.is_set():
            _warned.set()
            warnings.warn(
                f"compiled kernels cannot be kept: {error}. They are compiled again in each process, which "
                "takes tenths of a second each; name another folder by POOLWRIGHT_CACHE",
                stacklevel=2,
            )


def compiled(source: bytes, name: str, arch: int) -> Compiled:
    """A text, compiled for a GPU (86 for compute capability 8.6), or what was kept of it. Messages call it by ``name``.

    Raises:
        NvrtcMissingError: where there is no NVRTC, or none for the GPU; CompileError where it refuses the text.
    """
    nvrtc = find_nvrtc()
    flags = flags_for(choose_arch(arch, nvrtc.supported))
    key = hashlib.sha256(b"\0".join([nvrtc.version.encode(), *[flag.encode() for flag in flags], source])).hexdigest()
    file = f"{key}.bin"
    kept = _read(file)
    if kept is not None:
        return kept
    made = nvrtc.compile(source, name, flags)
    _write(file, _encoded(made))
    return made
