"""NVRTC, CUDA's compiler as a library: text to a binary and PTX, in this process.

It is looked for among Python's packages first, where that of PyTorch's own CUDA lies, then in toolkits and where the system's
loader knows it. ``POOLWRIGHT_NVRTC`` names the library, or its folder, and then no other place is tried.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_void_p
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

from .compile_error import CompileError


class NvrtcMissingError(RuntimeError):
    """There is no NVRTC, or none for the GPU: the message names the places that were tried, and how to get one."""


class Compiled(NamedTuple):
    """What a text is compiled to. The binary is empty where the compiler is older than the GPU."""

    ptx: bytes
    cubin: bytes


_IS_WINDOWS = sys.platform == "win32"
# CUDA 11's name is the same from 11.2 to 11.8. PyTorch's wheels put a hash into the name of the one that they bring.
_SONAMES = (
    ("nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll")
    if _IS_WINDOWS
    else ("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2")
)
_LIBRARY = re.compile(r"^nvrtc64_\d+_0\.dll$" if _IS_WINDOWS else r"^libnvrtc(-[0-9a-f]{8})?\.so(\.[\d.]+)?$")
_BUILTINS = re.compile(r"^nvrtc-builtins64_\d+\.dll$" if _IS_WINDOWS else r"^libnvrtc-builtins(-[0-9a-f]{8})?\.so(\.[\d.]+)?$")
_LIBRARY_FOLDERS = ("bin/x64", "bin") if _IS_WINDOWS else ("lib64", "lib")

# That of PyTorch's own CUDA: a driver for CUDA 12 takes nothing that NVRTC 13 makes.
_WHEEL = "nvidia-cuda-nvrtc-cu12" if (torch.version.cuda or "").startswith("12.") else "nvidia-cuda-nvrtc"
_HOW_TO_GET = f"Install it (pip install {_WHEEL}), or where it is in none of these places, name it by POOLWRIGHT_NVRTC."

_FUNCTIONS: dict[str, list] = {
    "nvrtcVersion": [POINTER(c_int), POINTER(c_int)],
    "nvrtcGetNumSupportedArchs": [POINTER(c_int)],
    "nvrtcGetSupportedArchs": [POINTER(c_int)],
    "nvrtcCreateProgram": [POINTER(c_void_p), c_char_p, c_char_p, c_int, c_void_p, c_void_p],
    "nvrtcDestroyProgram": [POINTER(c_void_p)],
    "nvrtcCompileProgram": [c_void_p, c_int, POINTER(c_char_p)],
    **{f"nvrtcGet{what}Size": [c_void_p, POINTER(c_size_t)] for what in ("ProgramLog", "PTX", "CUBIN")},
    **{f"nvrtcGet{what}": [c_void_p, c_char_p] for what in ("ProgramLog", "PTX", "CUBIN")},
}


def _libraries_in(folder: Path) -> list[Path]:
    """The libraries of a folder; what has a version comes before a developer's link."""
    if not folder.is_dir():
        return []
    return sorted((one for one in folder.iterdir() if _LIBRARY.match(one.name)), key=lambda one: one.name, reverse=True)


def _package_folders() -> list[Path]:
    nvidia = importlib.util.find_spec("nvidia")
    roots = [] if nvidia is None else [Path(root) for root in nvidia.submodule_search_locations or []]
    wheels = ["cu13/bin/x86_64", "cu13/bin", "cuda_nvrtc/bin"] if _IS_WINDOWS else ["cu13/lib", "cuda_nvrtc/lib"]
    # Of two compilers that of PyTorch's own CUDA is the one that the driver surely takes.
    if (torch.version.cuda or "").startswith("12."):
        wheels.reverse()
    return [*(root / wheel for wheel in wheels for root in roots), Path(torch.__file__).parent / "lib"]


def _toolkit_folders() -> list[Path]:
    named = [Path(os.environ[name]) for name in ("CUDA_PATH", "CUDA_HOME", "CONDA_PREFIX") if os.environ.get(name)]
    installed = sorted(Path("/usr/local").glob("cuda*"), key=lambda one: (one.name != "cuda", one.name))
    return [root / folder for root in [*named, *installed] for folder in _LIBRARY_FOLDERS]


def _places() -> list[Path | str]:
    """Where the compiler may be, best first: folders, and names that the system's loader may know."""
    asked = os.environ.get("POOLWRIGHT_NVRTC")
    if asked:
        return [Path(asked) if Path(asked).is_dir() else asked]
    return [*_package_folders(), *_toolkit_folders(), *_SONAMES]


def _open(path: str) -> ctypes.CDLL:
    """Opens the library behind those that it will ask for by bare name: the loader finds these where they are open already."""
    folder = Path(path).parent
    if os.sep in path and folder.is_dir():
        for beside in folder.iterdir():
            if _BUILTINS.match(beside.name):
                ctypes.CDLL(str(beside))
    library = ctypes.CDLL(path)
    for name, parameters in _FUNCTIONS.items():
        function = getattr(library, name)
        function.argtypes, function.restype = parameters, c_int
    library.nvrtcGetErrorString.argtypes, library.nvrtcGetErrorString.restype = [c_int], c_char_p
    return library


# Systems on a chip: their binaries and those of cards do not run on each other, though the numbers are neighbours.
_ON_CHIP = {53, 62, 72, 87, 101, 110}


def choose_arch(device: int, supported: list[int]) -> str:
    """The best that a compiler can do for a GPU, as NVRTC's option has it.

    ``device`` is the GPU's architecture, 86 for 8.6, and ``supported`` those that the compiler knows. ``sm_80`` gives a binary,
    for the highest architecture not above the GPU's and of its major number; ``compute_80`` gives PTX alone, for a GPU that is
    newer than the compiler.

    Raises:
        NvrtcMissingError: for a GPU that is older than all that the compiler knows.
    """
    if device in supported:
        return f"sm_{device}"
    below = [one for one in supported if one < device]
    same_kind = [one for one in below if one // 10 == device // 10 and not {one, device} & _ON_CHIP]
    if same_kind:
        return f"sm_{max(same_kind)}"
    if below:
        return f"compute_{max(below)}"
    raise NvrtcMissingError(
        f"this NVRTC compiles for sm_{min(supported)} and later, and the GPU is sm_{device}: "
        "name the NVRTC of an older CUDA by POOLWRIGHT_NVRTC"
    )


def flags_for(arch: str) -> list[str]:
    """NVRTC's options: C++17 is not CUDA 11's default, and plain functions are for the device, since there is no host."""
    return [f"-arch={arch}", "-default-device", "--std=c++17"]


class Nvrtc:
    """The compiler at a path, or by a name that the system's loader knows.

    Raises:
        OSError, AttributeError: where it cannot be opened, or is older than CUDA 11.2.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._library = _open(path)
        major, minor, count = c_int(), c_int(), c_int()
        self._must(self._library.nvrtcVersion(byref(major), byref(minor)), "its version")
        self.version = f"{major.value}.{minor.value}"
        self._must(self._library.nvrtcGetNumSupportedArchs(byref(count)), "its architectures")
        archs = (c_int * count.value)()
        self._must(self._library.nvrtcGetSupportedArchs(archs), "its architectures")
        self.supported = sorted(archs)

    def compile(self, source: bytes, name: str, flags: list[str]) -> Compiled:
        """Compiles a text, which messages call by ``name``.

        Raises:
            CompileError: where NVRTC refuses the text or an option, with its complaints on their marked lines.
        """
        library, program = self._library, c_void_p()
        self._must(library.nvrtcCreateProgram(byref(program), source, name.encode(), 0, None, None), "making a program")
        try:
            options = (c_char_p * len(flags))(*[flag.encode() for flag in flags])
            code = library.nvrtcCompileProgram(program, len(flags), options)
            if code != 0:
                log = self._read(program, "ProgramLog").rstrip(b"\0").decode(errors="replace")
                heading = f"NVRTC {self.version} cannot compile {name} with {' '.join(flags)}: {self._words(code)}"
                raise CompileError(heading, name, source.decode(errors="replace"), log)
            is_binary = any(flag.startswith("-arch=sm_") for flag in flags)
            return Compiled(self._read(program, "PTX").rstrip(b"\0"), self._read(program, "CUBIN") if is_binary else b"")
        finally:
            library.nvrtcDestroyProgram(byref(program))

    def _read(self, program: c_void_p, what: str) -> bytes:
        size = c_size_t()
        self._must(getattr(self._library, f"nvrtcGet{what}Size")(program, byref(size)), f"the size of its {what}")
        buffer = ctypes.create_string_buffer(size.value)
        self._must(getattr(self._library, f"nvrtcGet{what}")(program, buffer), f"its {what}")
        return buffer.raw

    def _words(self, code: int) -> str:
        return self._library.nvrtcGetErrorString(code).decode()

    def _must(self, code: int, what: str) -> None:
        if code != 0:
            raise RuntimeError(f"NVRTC at {self.path} fails in {what}: {self._words(code)}")


@cache
def find_nvrtc() -> Nvrtc:
    """The compiler of this process.

    Raises:
        NvrtcMissingError: where it is nowhere, with each place that was tried.
    """
    tried = []
    for place in _places():
        libraries = _libraries_in(place) if isinstance(place, Path) else [place]
        if not libraries:
            tried.append(f"  {place}: has no NVRTC")
        for library in libraries:
            try:
                return Nvrtc(str(library))
            except (OSError, AttributeError) as error:
                tried.append(f"  {library}: {error}")
    raise NvrtcMissingError("\n".join(["NVRTC, the compiler of CUDA, was not found:", *tried, _HOW_TO_GET]))
