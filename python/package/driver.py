"""NVIDIA's driver library, as far as launches need it: modules, their functions, and the context that PyTorch works in.

It comes with the GPU's driver and lies where the system's loader knows it. ``POOLWRIGHT_LIBCUDA`` names another, for unusual
machines and for tests.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_void_p
from functools import cache

_NAMES = {"linux": "libcuda.so.1", "win32": "nvcuda.dll"}

_FUNCTIONS: dict[str, list] = {
    "cuInit": [c_uint],
    "cuGetErrorName": [c_int, POINTER(c_char_p)],
    "cuGetErrorString": [c_int, POINTER(c_char_p)],
    "cuDeviceGet": [POINTER(c_int), c_int],
    "cuDeviceGetAttribute": [POINTER(c_int), c_int, c_int],
    "cuDevicePrimaryCtxRetain": [POINTER(c_void_p), c_int],
    "cuCtxPushCurrent_v2": [c_void_p],
    "cuCtxPopCurrent_v2": [POINTER(c_void_p)],
    "cuThreadExchangeStreamCaptureMode": [POINTER(c_int)],
    "cuModuleLoadDataEx": [POINTER(c_void_p), c_char_p, c_uint, POINTER(c_int), POINTER(c_void_p)],
    "cuModuleGetFunction": [POINTER(c_void_p), c_void_p, c_char_p],
    "cuFuncSetAttribute": [c_void_p, c_int, c_int],
    # Function, grid, block, shared bytes, stream, addresses of the arguments, nothing.
    "cuLaunchKernel": [c_void_p, *[c_uint] * 7, c_void_p, POINTER(c_void_p), POINTER(c_void_p)],
}

# The driver's own numbers for what is asked of a device, and set of a function.
_MAJOR, _MINOR, _SHARED_PER_BLOCK = 75, 76, 97
_MOST_DYNAMIC_SHARED = 8
# While a CUDA graph is captured, a thread may still call what the capture would forbid and what it does not record.
_RELAXED = 2
# Options of loading: where complaints are written, and how much room is there.
_ERROR_LOG, _ERROR_LOG_BYTES = 5, 6
_LOG_BYTES = 16 << 10

_REMEDIES = {
    100: "This machine, container or CUDA_VISIBLE_DEVICES shows no NVIDIA GPU.",
    200: "The driver does not know this form of binary: update the driver, or name an older NVRTC by POOLWRIGHT_NVRTC.",
    209: "It is compiled for another architecture.",
    222: "The driver is older than the NVRTC that wrote this PTX: update the driver, or name an older NVRTC by POOLWRIGHT_NVRTC.",
    700: "A kernel accessed memory that is not its own. CUDA_LAUNCH_BLOCKING=1 tells which launch it was.",
}


class DriverError(RuntimeError):
    """What the driver refuses or fails in: the message names the call, the code as the driver explains it, and the remedy."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class DriverMissingError(RuntimeError):
    """There is no driver, or one that is too old."""


class Driver:
    """The library, opened and started.

    Raises:
        DriverMissingError: where it cannot be opened, or lacks a function; DriverError where it does not start.
    """

    def __init__(self, path: str | None = None) -> None:
        path = path or os.environ.get("POOLWRIGHT_LIBCUDA") or _NAMES.get(sys.platform)
        if path is None:
            raise DriverMissingError(f"there is no CUDA for {sys.platform}: use tensors of the CPU")
        try:
            self._library = ctypes.CDLL(path)
            for name, parameters in _FUNCTIONS.items():
                function = getattr(self._library, name)
                function.argtypes, function.restype = parameters, c_int
        except (OSError, AttributeError) as error:
            raise DriverMissingError(
                f"the NVIDIA driver cannot be used: {error}. Install or update the driver of your GPU, "
                "or name its library by POOLWRIGHT_LIBCUDA."
            ) from error
        self.call("cuInit", 0, doing="starting the driver")

    def status(self, name: str, *arguments: object) -> int:
        """Calls a function of the driver and gives its code, 0 where it did what it was asked for."""
        return getattr(self._library, name)(*arguments)

    def call(self, name: str, *arguments: object, doing: str) -> None:
        """Calls a function of the driver.

        Raises:
            DriverError: where it gives another code than 0; ``doing`` says for what it was called.
        """
        code = self.status(name, *arguments)
        if code != 0:
            raise self.error(code, f"{doing}: {name}")

    def error(self, code: int, what: str, log: str = "") -> DriverError:
        """The error for a code, in the driver's words."""
        words = []
        for function in ("cuGetErrorName", "cuGetErrorString"):
            text = c_char_p()
            known = self.status(function, code, byref(text)) == 0 and text.value
            words.append(text.value.decode() if known else f"status {code}")
        said = f"{what} gives {words[0]} ({code}): {words[1]}. {_REMEDIES.get(code, '')}".strip()
        return DriverError("\n".join([said, log]).strip(), code)

    def attribute(self, ordinal: int, attribute: int) -> int:
        device, value = c_int(), c_int()
        self.call("cuDeviceGet", byref(device), ordinal, doing=f"looking for GPU {ordinal}")
        self.call("cuDeviceGetAttribute", byref(value), attribute, device, doing=f"asking what GPU {ordinal} is")
        return value.value

    def arch(self, ordinal: int) -> int:
        """90 for a GPU of compute capability 9.0."""
        return self.attribute(ordinal, _MAJOR) * 10 + self.attribute(ordinal, _MINOR)

    def shared_per_block(self, ordinal: int) -> int:
        """Bytes of shared memory that a block may have at most."""
        return self.attribute(ordinal, _SHARED_PER_BLOCK)

    def primary_context(self, ordinal: int) -> c_void_p:
        """The context that all of a process share on a GPU, PyTorch too; it is held until the process ends."""
        device, context = c_int(), c_void_p()
        self.call("cuDeviceGet", byref(device), ordinal, doing=f"looking for GPU {ordinal}")
        self.call("cuDevicePrimaryCtxRetain", byref(context), device, doing=f"opening GPU {ordinal}")
        return context

    def push(self, context: c_void_p) -> None:
        """Makes a context the calling thread's, until ``pop``."""
        self.call("cuCtxPushCurrent_v2", context, doing="entering the context of the GPU")

    def pop(self) -> None:
        self.call("cuCtxPopCurrent_v2", byref(c_void_p()), doing="leaving the context of the GPU")

    @contextmanager
    def _relaxed(self) -> Iterator[None]:
        """For loading, which no capture records: without it the driver refuses, and ends a capture of any thread."""
        mode = c_int(_RELAXED)

        def exchange() -> None:
            self.call("cuThreadExchangeStreamCaptureMode", byref(mode), doing="loading beside a capture")

        exchange()
        try:
            yield
        finally:
            exchange()

    def load(self, image: bytes, what: str) -> c_void_p:
        """Loads a binary or PTX into the current context.

        Raises:
            DriverError: where the driver refuses it, with the complaints of its own compiler.
        """
        module, log = c_void_p(), ctypes.create_string_buffer(_LOG_BYTES)
        names = (c_int * 2)(_ERROR_LOG, _ERROR_LOG_BYTES)
        values = (c_void_p * 2)(ctypes.addressof(log), _LOG_BYTES)
        # The bytes of a Python string end in a NUL, as PTX has to.
        with self._relaxed():
            code = self.status("cuModuleLoadDataEx", byref(module), image, 2, names, values)
        if code != 0:
            raise self.error(code, f"loading {what}: cuModuleLoadDataEx", log.value.decode(errors="replace").strip())
        return module

    def function(self, module: c_void_p, name: str) -> c_void_p:
        """A kernel of a module, by its name; the driver may load it only now."""
        function = c_void_p()
        with self._relaxed():
            self.call("cuModuleGetFunction", byref(function), module, name.encode(), doing=f"looking for kernel {name}")
        return function

    def allow_shared(self, function: c_void_p, dynamic_bytes: int) -> None:
        """Lets launches have this much dynamic shared memory: more than 48 KiB has to be asked for."""
        doing = f"asking for {dynamic_bytes} bytes of shared memory"
        self.call("cuFuncSetAttribute", function, _MOST_DYNAMIC_SHARED, dynamic_bytes, doing=doing)

    def launch(
        self,
        function: c_void_p,
        blocks: int,
        threads: int,
        shared_bytes: int,
        stream: int,
        arguments: Sequence[ctypes._SimpleCData],
        what: str,
    ) -> None:
        """Enqueues a launch on a stream; the driver copies the arguments before it returns."""
        addresses = (c_void_p * len(arguments))(*[ctypes.addressof(one) for one in arguments])
        shape = (blocks, 1, 1, threads, 1, 1, shared_bytes)
        self.call("cuLaunchKernel", function, *shape, stream, addresses, None, doing=f"launching {what}")


@cache
def driver() -> Driver:
    """The driver of this process."""
    return Driver()
