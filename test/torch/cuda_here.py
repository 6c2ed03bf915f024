"""What tests of the CUDA path stand on: the package, NVRTC, and a stand-in for the driver with the emulator behind it."""

from __future__ import annotations

import base64
import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

root = Path(__file__).parents[2]
sys.path.insert(0, str(root / "python"))

from package.driver import Driver  # noqa: E402
from package.nvrtc import Nvrtc, NvrtcMissingError, find_nvrtc  # noqa: E402


def without(reason: str) -> None:
    """Skips a test that cannot run here; where nothing may be skipped, its lack fails it."""
    if "nvrtc" in os.environ.get("POOLWRIGHT_MUST_HAVE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


def nvrtc_or_skip() -> Nvrtc:
    try:
        return find_nvrtc()
    except NvrtcMissingError as error:
        without(f"NVRTC is not here: node scripts/fetch-nvrtc.mjs FOLDER fetches it, and POOLWRIGHT_NVRTC names it. {error}")
        raise


def script(name: str) -> list[str]:
    """The command that runs a script beside this file."""
    return ["node", "--import", str(root / "test/strip-types.mjs"), str(Path(__file__).parent / name)]


class StandIn:
    """The stand-in for the driver, and the emulator that carries out its launches.

    It has to know the memory that pointers point into: that of a test's tensors is told by ``knows``, and what a launcher takes
    besides is memory of PyTorch's on the CPU, whose size the C library tells.
    """

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("gcc")
        if compiler is None or sys.platform != "linux":
            without("gcc on Linux, which compiles the stand-in for the CUDA driver, is not here")
        library = folder / "libcuda.so.1"
        source = Path(__file__).parent / "libcuda.c"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source], check=True)
        self.emulator = subprocess.Popen(script("emulator.ts"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.launches: list[str] = []
        self.streams: list[int | None] = []
        self._known: dict[int, int] = {}
        self._modules: list[dict[str, list[str]]] = []
        self._libc = ctypes.CDLL(None)
        self._libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
        self._libc.malloc_usable_size.restype = ctypes.c_size_t
        self.driver = Driver(str(library))
        self._stand_in = ctypes.CDLL(str(library))
        loaded = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)
        counted = [ctypes.c_uint] * 3
        launched = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_int, ctypes.c_char_p, *counted, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
        )
        # C keeps these, and Python must not forget them.
        self._callbacks = (loaded(self._load), launched(self._launch))
        self._stand_in.standInTells(*self._callbacks)

    @property
    def entered(self) -> int:
        """The contexts that this thread is in."""
        return self._stand_in.standInDepth()

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """As if a CUDA graph were captured meanwhile."""
        self._stand_in.standInCaptures(1)
        try:
            yield
        finally:
            self._stand_in.standInCaptures(0)

    @property
    def capture_mode(self) -> int:
        """How much this thread minds a capture: 0, as threads do."""
        return self._stand_in.standInMode()

    def knows(self, tensors: Iterable[Tensor]) -> None:
        """Tells of the tensors of the next call, and of no others: memory that was given back may be anybody's."""
        storages = [tensor.untyped_storage() for tensor in tensors]
        self._known = {storage.data_ptr(): storage.nbytes() for storage in storages}

    def end(self) -> None:
        self.emulator.stdin.close()
        self.emulator.wait()

    def _ask(self, request: dict) -> dict:
        print(json.dumps(request), file=self.emulator.stdin, flush=True)
        return json.loads(self.emulator.stdout.readline())

    def _load(self, ptx: bytes) -> int:
        answer = self._ask({"load": ptx.decode()})
        if "error" in answer:
            return 0
        self._modules.append(answer["kernels"])
        return len(self._modules)

    def _memory_of(self, pointer: int) -> tuple[int, int]:
        for start, size in self._known.items():
            if start <= pointer < start + size:
                return start, size
        return pointer, self._libc.malloc_usable_size(pointer)

    def _launch(
        self, module: int, name: bytes, blocks: int, threads: int, shared: int, stream: int | None, arguments: Any
    ) -> int:
        kernel = name.decode()
        memories: list[tuple[int, int]] = []
        args = []
        for kind, address in zip(self._modules[module - 1][kernel], arguments):
            if kind.endswith("64"):
                pointer = ctypes.c_uint64.from_address(address).value
                memory = self._memory_of(pointer)
                if memory not in memories:
                    memories.append(memory)
                args.append({"type": "u64", "value": pointer - memory[0], "memory": memories.index(memory)})
            else:
                args.append({"type": "u32", "value": ctypes.c_uint32.from_address(address).value})
        copies = [base64.b64encode(ctypes.string_at(*memory)).decode() for memory in memories]
        launch = {"module": module - 1, "kernel": kernel, "blocks": blocks, "threads": threads, "shared": shared}
        answer = self._ask({"launch": {**launch, "args": args, "memories": copies}})
        if answer.get("error") or answer["findings"]:
            print(answer, file=sys.stderr)
            return 700
        for (start, size), left in zip(memories, answer["memories"]):
            ctypes.memmove(start, base64.b64decode(left), size)
        self.launches.append(kernel)
        self.streams.append(stream)
        return 0


def tensor_of(told: dict) -> Tensor:
    return torch.tensor(told["data"], dtype=getattr(torch, told["dtype"])).reshape(told["shape"])
