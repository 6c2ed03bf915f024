"""The CUDA path of an exported package: what is launched, and what launched kernels do, without a GPU."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path

import pytest
import torch
from cuda_here import StandIn, script, tensor_of
from package.device import Device
from package.driver import DriverError
from package.geometry_key import geometry_key
from package.launch import run
from package.manifest import Manifest, Source, UnknownGeometryError, UnknownKernelError, manifest_of
from package.nvrtc import Compiled
from package.plan import PlannedLaunch, Sizes, choose, plan


def sizes_of(told: dict) -> Sizes:
    return Sizes(told["samples"], told["channels"], tuple(told["extents"]), tuple(told["outExtents"]), told["taps"])


@pytest.fixture(scope="session")
def planned() -> list[dict]:
    return json.loads(subprocess.run(script("plans.ts"), check=True, capture_output=True).stdout)


@pytest.fixture(scope="session")
def calls(exported: Path) -> list[dict]:
    return json.loads((exported / "calls.json").read_text())


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOLWRIGHT_CACHE", str(tmp_path))


def told_by(launches: tuple[PlannedLaunch, ...], seed: int) -> list[dict]:
    """Launches as the script tells them: scratch memory by when it is first needed, with the bytes that it has."""
    sizes = {"storage": 2, "real": 4, "int": 4}
    halves = {"seedLow": seed & 0xFFFFFFFF, "seedHigh": seed >> 32 & 0xFFFFFFFF}
    scratch: dict[str, dict] = {}
    told = []
    for launch in launches:
        args: list[object] = []
        for one in launch.arrays:
            if one.is_scratch and one.key not in scratch:
                scratch[one.key] = {"scratch": len(scratch), "bytes": max(1, one.elements * sizes[one.element])}
            args.append(scratch[one.key] if one.is_scratch else one.key)
        args += [halves[value] if isinstance(value, str) else value for _, value in launch.numbers]
        shape = {"blocks": launch.blocks, "threads": launch.threads, "sharedBytes": launch.shared_bytes}
        told.append({"kernel": launch.kernel, **shape, "args": args})
    return told


def test_plans_are_those_of_the_compiler(planned: list[dict]) -> None:
    for case in planned:
        sources = tuple(Source(Path(), one["variants"], one["multiples"], one["kernels"]) for one in case["sources"])
        call, expected = case["call"], case["expected"]
        sizes = sizes_of(call["sizes"])
        chosen = choose(sources, sizes, call["alignedTo"], call["sharedPerBlock"])
        assert sources.index(chosen) == expected["chosen"], (case["name"], case["key"])
        assert told_by(plan(chosen, sizes), int(call["seed"])) == expected["launches"], (case["name"], case["key"])
    # The spread has what it is there for.
    assert {case["expected"]["chosen"] for case in planned} >= {0, 1, 2}
    assert any(launch["sharedBytes"] for case in planned for launch in case["expected"]["launches"])
    assert any(case["expected"]["launches"] == [] for case in planned)


def test_keys_are_those_of_the_compiler(planned: list[dict]) -> None:
    for case in planned:
        told = case["geometry"]
        if told["kind"] == "sliding":
            axes = {name: [axis[name] for axis in told["axes"]] for name in ("kernel", "stride", "low", "high", "dilation")}
            flags = {"ceil_mode": told["ceilMode"], "count_include_pad": told["countIncludePad"]}
            assert geometry_key(**axes, **flags, divisor_override=told["divisorOverride"]) == case["key"]
        elif told["kind"] == "adaptive":
            assert geometry_key(output_size=told["outputSize"]) == case["key"]


@pytest.mark.parametrize("divisor", [4, -0.5, 0.00005, 1e-6, 1e-7, 1.5e-7, 123456789.125, 1e20, 1e21, 2.5e300])
def test_divisors_are_spelled_as_the_compiler_does(divisor: float) -> None:
    spelled = subprocess.run(["node", "-p", f"'k2-s2-div' + {divisor!r} + '-1d'"], check=True, capture_output=True, text=True)
    axes = {"kernel": [2], "stride": [2], "low": [0], "high": [0], "dilation": [1]}
    assert geometry_key(**axes, divisor_override=divisor) == spelled.stdout.strip()


def test_a_geometry_needs_windows() -> None:
    with pytest.raises(ValueError, match="give one of them"):
        geometry_key()


def test_an_operator_without_kernels_is_named() -> None:
    with pytest.raises(UnknownKernelError, match="no CUDA kernels of isp_gaussian: .* export torch isp-gaussian --geometry"):
        manifest_of("isp_gaussian")


class TestManifest:
    asked = {"geometry": "k3x3-s2x2-p1x1", "dtype": "float32", "layout": "channels-first", "attrs": {"eps": 1e-6}}

    def test_finds_what_was_exported(self, exported: Path) -> None:
        entry = Manifest.read(exported, "gaussian").find(**self.asked)
        assert (entry.geometry, entry.dtype, entry.layout) == ("k3x3-s2x2-p1x1", "float32", "channels-first")
        assert b"__global__" in entry.forward[0].text

    def test_tells_drawn_random_values_from_those_handed_in(self, exported: Path) -> None:
        manifest = Manifest.read(exported, "isp-gaussian")
        assert manifest.find(**self.asked).hand_in == frozenset()
        assert manifest.find(**self.asked, hand_in=["noise"]).hand_in == {"noise"}
        with pytest.raises(UnknownKernelError, match="hand in all random values or none"):
            manifest.find(**self.asked, hand_in=["noise", "more"])

    def test_one_window_over_all_goes_by_two_names(self, exported: Path) -> None:
        asked = {**self.asked, "attrs": {}, "geometry": "adaptive1x1"}
        assert Manifest.read(exported, "max").find(**asked).geometry == "global2d"

    def test_says_which_windows_there_are_and_what_to_run(self, exported: Path) -> None:
        with pytest.raises(UnknownGeometryError) as raised:
            Manifest.read(exported, "gaussian").find(**{**self.asked, "geometry": "k5x5-s5x5"})
        assert "no CUDA kernel for the geometry k5x5-s5x5: there are k3x3-s2x2-p1x1." in str(raised.value)
        assert "npx poolwright export torch gaussian --geometry k5x5-s5x5" in str(raised.value)

    @pytest.mark.parametrize(
        ("other", "message"),
        [
            ({"dtype": "float64"}, "with the type float64: there are float32, bfloat16. .* k3x3-s2x2-p1x1 --dtype float64"),
            ({"layout": "channels-last"}, "with the layout channels-last: there are channels-first. .* --layout channels-last"),
            ({"attrs": {"eps": 0.5}}, "with the attributes eps=0.5: there are eps=1e-06. .* --attr eps=0.5"),
        ],
    )
    def test_says_what_else_is_missing(self, exported: Path, other: dict, message: str) -> None:
        with pytest.raises(UnknownKernelError, match=message):
            Manifest.read(exported, "gaussian").find(**{**self.asked, **other})


@pytest.fixture(scope="session")
def device(stand_in: StandIn) -> Device:
    return Device(stand_in.driver, 0, stream=lambda: 0x5EED)


def misaligned(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers, beginning at one element behind a multiple of all widths."""
    return torch.cat([tensor.reshape(-1)[:1], tensor.reshape(-1)])[1:].reshape(tensor.shape)


def launched(stand_in: StandIn, device: Device, exported: Path, call: dict, direction: str, moved=lambda tensor: tensor) -> dict:
    """What kernels write, by key, beside what they should have written."""
    entry = Manifest.read(exported, call["operator"]).find(
        geometry=call["geometry"], dtype=call["dtype"], layout=call["layout"], attrs=call["attrs"], hand_in=call["handIn"]
    )
    given = call["given"] + (call["cotangents"] if direction == "backward" else [])
    wanted = {one["key"]: tensor_of(one) for one in call["results" if direction == "forward" else "gradients"]}
    tensors = {one["key"]: moved(tensor_of(one)) for one in given}
    made = {key: moved(torch.full_like(tensor, 77)) for key, tensor in wanted.items()}
    stand_in.knows([*tensors.values(), *made.values()])
    run(entry, direction, {**tensors, **made}, sizes_of(call["sizes"]), int(call["seed"]), device)
    return {key: (made[key], tensor) for key, tensor in wanted.items()}


_bounds = {"float64": 1e-12, "float32": 1e-5, "float16": 2e-3, "bfloat16": 1e-2}


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("which", range(12))
def test_kernels_do_what_the_definition_says(stand_in, device, exported, calls, which: int, direction: str) -> None:
    call = calls[which]
    bound = _bounds[call["dtype"]]
    before = len(stand_in.streams)
    for made, wanted in launched(stand_in, device, exported, call, direction).values():
        torch.testing.assert_close(made, wanted, rtol=bound, atol=bound)
    assert stand_in.entered == 0
    assert set(stand_in.streams[before:]) == {0x5EED}


def test_every_call_is_tested(calls: list[dict]) -> None:
    assert len(calls) == 12


def test_pointers_that_fit_no_vectors_run_the_source_without(stand_in, device, exported, calls) -> None:
    for made, wanted in launched(stand_in, device, exported, calls[0], "forward", misaligned).values():
        torch.testing.assert_close(made, wanted, rtol=1e-5, atol=1e-5)


def test_a_seed_of_64_bits_may_have_a_sign(stand_in, device, exported, calls) -> None:
    call = next(one for one in calls if int(one["seed"]) >= 2**63)
    for made, wanted in launched(stand_in, device, exported, {**call, "seed": int(call["seed"]) - 2**64}, "forward").values():
        torch.testing.assert_close(made, wanted, rtol=1e-5, atol=1e-5)


def test_nothing_is_launched_for_nothing(stand_in, device, exported, calls) -> None:
    before = len(stand_in.launches)
    call = calls[3]
    empty = {**call, "sizes": {**call["sizes"], "samples": 0}}
    for key in ("given", "results"):
        empty[key] = [{**one, "shape": [0, *one["shape"][1:]], "data": []} for one in call[key]]
    launched(stand_in, device, exported, empty, "forward")
    assert len(stand_in.launches) == before


def test_threads_that_never_had_a_context_launch(stand_in, device, exported, calls) -> None:
    failures = []

    def work() -> None:
        try:
            for made, wanted in launched(stand_in, device, exported, calls[3], "forward").values():
                torch.testing.assert_close(made, wanted)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failures == []


def test_kernels_load_while_a_graph_is_captured(stand_in, exported, calls) -> None:
    # A device that has loaded nothing yet.
    fresh = Device(stand_in.driver, 0, stream=lambda: 0x5EED)
    with stand_in.capturing():
        for made, wanted in launched(stand_in, fresh, exported, calls[3], "forward").values():
            torch.testing.assert_close(made, wanted)
        assert stand_in.capture_mode == 0
        with pytest.raises(DriverError), fresh.current():
            stand_in.driver.load(b"no PTX at all", "no PTX")
        assert stand_in.capture_mode == 0


def test_what_the_driver_refuses_is_named(stand_in: StandIn, device: Device) -> None:
    refused = r"loading no PTX: cuModuleLoadDataEx gives status 218 \(218\)[^\n]*\nthe text is no PTX"
    with pytest.raises(DriverError, match=refused), device.current():
        stand_in.driver.load(b"no PTX at all", "no PTX")
    with pytest.raises(DriverError, match="looking for GPU 5: cuDeviceGet gives status 101"):
        Device(stand_in.driver, 5, stream=lambda: 0)
    assert stand_in.entered == 0


def test_more_shared_memory_is_asked_for(stand_in: StandIn, device: Device) -> None:
    source = b".version 6.0\n.target sm_70\n.address_size 64\n.visible .entry idle() { ret; }\n"
    module = device.load(Compiled(source, b""), "idle")
    with device.current() as stream:
        module.launch("idle", 1, 32, 100 << 10, stream, [], [])
        with pytest.raises(DriverError, match="asking for 204800 bytes of shared memory: cuFuncSetAttribute gives CUDA_ERROR"):
            module.launch("idle", 1, 32, 200 << 10, stream, [], [])
        with pytest.raises(DriverError, match=r"launching kernel idle: .* CUDA_ERROR_INVALID_VALUE \(1\): invalid argument"):
            module.launch("idle", 1, 2048, 0, stream, [], [])
