"""The compiler as the exported package calls it, and what it keeps on the disk."""

from __future__ import annotations

import os
import subprocess
import warnings
from pathlib import Path

import pytest
from cuda_here import nvrtc_or_skip, root
from package import binaries
from package.binaries import compiled
from package.compile_error import CompileError
from package.manifest import Manifest, Source
from package.nvrtc import Compiled, NvrtcMissingError, choose_arch, find_nvrtc, flags_for

simple = b'extern "C" __global__ void twice(float* x) { x[threadIdx.x] *= 2.0f; }\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POOLWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setattr(binaries, "_warned", type(binaries._warned)())
    return tmp_path / "torch"


@pytest.fixture(scope="session")
def sources(exported: Path) -> list[Source]:
    """The usual source of each exported entry and direction."""
    names = sorted(file.stem for file in exported.glob("*.json") if file.stem != "calls")
    entries = [one for name in names for one in Manifest.read(exported, name).entries]
    return [direction[0] for one in entries for direction in (one.forward, one.backward)]


@pytest.mark.parametrize("arch", [75, 80, 90])
def test_exported_sources_compile(sources: list[Source], arch: int) -> None:
    nvrtc = nvrtc_or_skip()
    if arch not in nvrtc.supported:
        pytest.skip(f"NVRTC {nvrtc.version} does not know sm_{arch}")
    # A file of each operator and type: compiling takes a tenth of a second.
    for source in sources[:: len(sources) // 8]:
        made = nvrtc.compile(source.text, source.file.name, flags_for(choose_arch(arch, nvrtc.supported)))
        assert made.cubin.startswith(b"\x7fELF")
        assert f".target sm_{arch}".encode() in made.ptx
        for kernel in source.kernels:
            assert f".entry {kernel['name']}(".encode() in made.ptx


def test_a_newer_device_gets_ptx() -> None:
    nvrtc = nvrtc_or_skip()
    arch = choose_arch(999, nvrtc.supported)
    assert arch == f"compute_{max(nvrtc.supported)}"
    made = nvrtc.compile(simple, "twice.cu", flags_for(arch))
    assert made.cubin == b""
    assert b".entry twice(" in made.ptx


@pytest.mark.parametrize(
    ("device", "supported", "arch"),
    [
        (80, [75, 80, 90], "sm_80"),
        (86, [75, 80, 90], "sm_80"),
        (89, [80, 86, 87, 90], "sm_86"),
        (87, [80, 86], "compute_86"),
        (100, [75, 80, 90], "compute_90"),
    ],
)
def test_the_best_architecture_is_chosen(device: int, supported: list[int], arch: str) -> None:
    assert choose_arch(device, supported) == arch


def test_a_device_that_is_too_old_is_refused() -> None:
    with pytest.raises(NvrtcMissingError, match="compiles for sm_75 and later, and the GPU is sm_70: name the NVRTC of an older"):
        choose_arch(70, [75, 80])


def test_an_error_shows_the_marked_line() -> None:
    nvrtc = nvrtc_or_skip()
    broken = b'extern "C" __global__ void f(float* x) {\n  int a = 1;\n  x[0] = b + a;\n  x[1] = c;\n}\n'
    with pytest.raises(CompileError) as raised:
        nvrtc.compile(broken, "broken.cu", flags_for("sm_80"))
    message = str(raised.value)
    assert message.startswith(f"NVRTC {nvrtc.version} cannot compile broken.cu with -arch=sm_80 -default-device --std=c++17: ")
    assert 'broken.cu:3: identifier "b" is undefined\n  1 | extern' in message
    assert "> 3 |   x[0] = b + a;" in message
    assert "> 4 |   x[1] = c;" in message
    assert "broken.cu(3)" in raised.value.log


def test_many_errors_are_shortened() -> None:
    nvrtc = nvrtc_or_skip()
    broken = b'extern "C" __global__ void f(int* x) {\n' + b"".join(b"  x[0] = a%d;\n" % k for k in range(9)) + b"}\n"
    with pytest.raises(CompileError, match="… and 4 more$"):
        nvrtc.compile(broken, "broken.cu", flags_for("sm_80"))


def test_a_wrong_option_is_named() -> None:
    nvrtc = nvrtc_or_skip()
    with pytest.raises(CompileError, match="with -arch=sm_12: .*\n\n.*(gpu-architecture|arch)"):
        nvrtc.compile(simple, "twice.cu", ["-arch=sm_12"])


def test_where_there_is_none_each_place_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = tmp_path / "libnvrtc.so.99"
    monkeypatch.setenv("POOLWRIGHT_NVRTC", str(missing))
    find_nvrtc.cache_clear()
    try:
        with pytest.raises(NvrtcMissingError) as raised:
            find_nvrtc()
    finally:
        find_nvrtc.cache_clear()
    assert f"  {missing}: " in str(raised.value)
    assert "name it by POOLWRIGHT_NVRTC" in str(raised.value)


def test_a_folder_without_a_compiler_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POOLWRIGHT_NVRTC", str(tmp_path))
    find_nvrtc.cache_clear()
    try:
        with pytest.raises(NvrtcMissingError, match=f"  {tmp_path}: has no NVRTC"):
            find_nvrtc()
    finally:
        find_nvrtc.cache_clear()


def test_a_folder_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(nvrtc_or_skip().path)
    if not path.is_absolute():
        pytest.skip("the system's loader knows this NVRTC, and its folder is not known")
    monkeypatch.setenv("POOLWRIGHT_NVRTC", str(path.parent))
    find_nvrtc.cache_clear()
    try:
        assert Path(find_nvrtc().path).parent == path.parent
    finally:
        find_nvrtc.cache_clear()


class TestBinaries:
    def test_are_compiled_once(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made = compiled(simple, "twice.cu", nvrtc_or_skip().supported[-1])
        monkeypatch.setattr(type(find_nvrtc()), "compile", lambda *_: pytest.fail("it is compiled again"))
        assert compiled(simple, "twice.cu", find_nvrtc().supported[-1]) == made
        assert [one.suffix for one in folder.iterdir()] == [".bin"]

    def test_are_kept_by_text_and_architecture(self, folder: Path) -> None:
        archs = nvrtc_or_skip().supported
        compiled(simple, "twice.cu", archs[0])
        compiled(simple, "twice.cu", archs[-1])
        compiled(simple + b"\n", "twice.cu", archs[0])
        assert len(list(folder.iterdir())) == 3

    @pytest.mark.parametrize(
        "tear",
        [
            lambda data: b"",
            lambda data: data[:40],
            lambda data: data[:-1],
            lambda data: data + b"\0",
            lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
            lambda data: b"something else altogether",
        ],
        ids=["empty", "head", "short", "long", "flipped", "foreign"],
    )
    def test_that_are_torn_are_compiled_again(self, folder: Path, tear) -> None:
        arch = nvrtc_or_skip().supported[-1]
        made = compiled(simple, "twice.cu", arch)
        (file,) = folder.iterdir()
        whole = file.read_bytes()
        file.write_bytes(tear(whole))
        assert compiled(simple, "twice.cu", arch) == made
        assert file.read_bytes() == whole

    def test_need_no_folder_that_can_be_written(self, folder: Path) -> None:
        arch = nvrtc_or_skip().supported[-1]
        # A file in the place of the folder refuses everybody, whatever a user may.
        folder.write_text("")
        with pytest.warns(UserWarning, match="cannot be kept: .* name another folder by POOLWRIGHT_CACHE"):
            made = compiled(simple, "twice.cu", arch)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert compiled(simple, "twice.cu", arch) == made

    def test_are_in_the_users_cache_by_default(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("POOLWRIGHT_CACHE", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        if os.name == "posix":
            assert binaries._folder() == tmp_path / "poolwright" / "torch"
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert binaries._folder().parts[-2:] == ("poolwright", "torch")

    def test_need_no_home(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def homeless(_of: type[Path]) -> Path:
            raise RuntimeError("Could not determine home directory.")

        for name in ("POOLWRIGHT_CACHE", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(Path, "home", classmethod(homeless))
        with pytest.warns(UserWarning, match="cannot be kept: Could not determine home directory"):
            assert compiled(simple, "twice.cu", nvrtc_or_skip().supported[-1]).cubin

    def test_survive_their_form(self) -> None:
        for one in (Compiled(b"ptx", b"\x7fELF\0\0"), Compiled(b"", b""), Compiled(b"ptx", b"")):
            assert binaries._decoded(binaries._encoded(one)) == one


def test_the_options_are_those_of_the_compiler_of_this_project() -> None:
    """But for what only makes the assembler talk."""
    text = """
        import { flagsOf } from "./runtime/cuda/nvrtc/options.ts"
        console.log(flagsOf({ arch: 80 }).join(" "), "|", flagsOf({ arch: 90, ptxOnly: true }).join(" "))
    """
    command = ["node", "--import", "./test/strip-types.mjs", "--input-type=module", "-e", text]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout.strip()
    assert told.replace(" -Xptxas -v", "") == " | ".join(" ".join(flags_for(arch)) for arch in ("sm_80", "compute_90"))
