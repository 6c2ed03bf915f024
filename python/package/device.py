"""One GPU as launches see it: what it is, the stream that PyTorch is at, and the modules that are loaded on it.

Everything happens in the GPU's primary context, which is PyTorch's. PyTorch makes it current lazily, and a thread that runs a
backward pass may never have had it; so it is entered for each call, and left as it was found.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property

import torch

from .driver import Driver, DriverError, driver
from .nvrtc import Compiled

# A binary that this GPU or driver cannot take, where PTX may help: no binary for the GPU, an invalid image.
_HELPED_BY_PTX = (209, 200)

_NUMBERS: dict[str, type[ctypes._SimpleCData]] = {"int": ctypes.c_int32, "unsigned": ctypes.c_uint32}


class Device:
    """A GPU by its number. ``stream`` tells the handle of the stream that launches go to."""

    def __init__(self, of: Driver, ordinal: int, stream: Callable[[], int]) -> None:
        self._driver = of
        self._ordinal = ordinal
        self._stream = stream
        self.arch = of.arch(ordinal)
        self.shared_per_block = of.shared_per_block(ordinal)

    @cached_property
    def _context(self) -> ctypes.c_void_p:
        return self._driver.primary_context(self._ordinal)

    @contextmanager
    def current(self) -> Iterator[int]:
        """The stream to launch on, with the GPU's context entered."""
        self._driver.push(self._context)
        try:
            yield self._stream()
        finally:
            self._driver.pop()

    def load(self, compiled: Compiled, what: str) -> Module:
        """Loads the binary, or where the driver cannot take it the PTX.

        Raises:
            DriverError: where it is refused.
        """
        with self.current():
            if compiled.cubin:
                try:
                    return Module(self._driver, self._driver.load(compiled.cubin, f"the binary of {what}"))
                except DriverError as error:
                    if error.code not in _HELPED_BY_PTX:
                        raise
            return Module(self._driver, self._driver.load(compiled.ptx, f"the PTX of {what}"))


class Module:
    """A loaded text. It stays until the process ends: nobody could tell when the last launch of it is over."""

    def __init__(self, of: Driver, handle: ctypes.c_void_p) -> None:
        self._driver = of
        self._handle = handle
        self._functions: dict[str, ctypes.c_void_p] = {}
        self._shared: dict[str, int] = {}
        self._lock = threading.Lock()

    def _function(self, kernel: str, shared_bytes: int) -> ctypes.c_void_p:
        with self._lock:
            if kernel not in self._functions:
                self._functions[kernel] = self._driver.function(self._handle, kernel)
            if shared_bytes > self._shared.get(kernel, 0):
                self._driver.allow_shared(self._functions[kernel], shared_bytes)
                self._shared[kernel] = shared_bytes
            return self._functions[kernel]

    def launch(
        self,
        kernel: str,
        blocks: int,
        threads: int,
        shared_bytes: int,
        stream: int,
        pointers: Sequence[int],
        numbers: Sequence[tuple[str, int]],
    ) -> None:
        """Enqueues one launch, in the device's context, which must be current.

        Raises:
            DriverError: where the driver refuses it, or an earlier kernel failed.
        """
        arguments = [*map(ctypes.c_uint64, pointers), *(_NUMBERS[kind](value) for kind, value in numbers)]
        function = self._function(kernel, shared_bytes)
        self._driver.launch(function, blocks, threads, shared_bytes, stream, arguments, f"kernel {kernel}")


@cache
def _device(ordinal: int) -> Device:
    return Device(driver(), ordinal, lambda: torch.cuda.current_stream(ordinal).cuda_stream)


def device_of(device: torch.device) -> Device:
    """The GPU that tensors of this device are on.

    Raises:
        DriverMissingError, DriverError: where there is no driver, or it does not start.
    """
    return _device(torch.cuda.current_device() if device.index is None else device.index)
