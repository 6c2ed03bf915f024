"""Random formulas over random geometries: the plain-PyTorch path in float64 against the oracle, results and every gradient."""

import importlib
import json
from pathlib import Path

import pytest
import torch

folder = Path(importlib.import_module("golden_operators.operators").__path__[0])
told = json.loads((folder / "random.json").read_text())


def tensor(stored, last):
    data = torch.tensor([float(value) for value in stored["data"]], dtype=torch.float64).reshape(stored["shape"])
    return data.movedim(-1, 1) if last else data


def windows(geometry):
    if geometry["kind"] == "global":
        return {"output_size": 1}
    if geometry["kind"] == "adaptive":
        return {"output_size": geometry["outputSize"]}
    axes = geometry["axes"]
    return {
        "kernel_size": [axis["kernel"] for axis in axes],
        "stride": [axis["stride"] for axis in axes],
        "padding": [(axis["low"], axis["high"]) for axis in axes],
        "dilation": [axis["dilation"] for axis in axes],
        "ceil_mode": geometry["ceilMode"],
        "count_include_pad": geometry["countIncludePad"],
        "divisor_override": geometry["divisorOverride"],
    }


def close(what, got, want):
    assert torch.allclose(got.double(), want, rtol=1e-8, atol=1e-8, equal_nan=True), what


def test_there_are_enough():
    print(f"POOLWRIGHT_SEED={told['seed']} replays these")
    assert len(told["cases"]) > 60


@pytest.mark.parametrize("case", told["cases"], ids=[case["name"] for case in told["cases"]])
def test_agrees_with_the_oracle(case):
    """Fails with the formula, the geometry and the seed."""
    function = getattr(importlib.import_module(f"golden_operators.operators.{case['name']}"), case["name"])
    last = case["geometry"]["layout"] == "channels-last"
    given, keywords = {}, {}
    for one in case["tensors"]:
        stored = case["inputs"][one["name"]]
        value = torch.tensor(stored, dtype=torch.float64) if isinstance(stored, float | int) else None
        value = tensor(stored, last and one["role"] in ("input", "tensor")) if value is None else value
        if one["role"] == "noise":
            keywords[one["argument"]] = value
        else:
            given[one["argument"]] = value.requires_grad_()
    seed = {} if case["seed"] is None else {"seed": int(case["seed"])}
    made = function(**given, **keywords, **seed, **windows(case["geometry"]))
    results = {"y": made} if isinstance(made, torch.Tensor) else dict(zip(case["forward"], made))
    about = f"POOLWRIGHT_SEED={told['seed']} {case['told']}"
    for name, want in case["forward"].items():
        close(f"{name}: {about}", results[name], tensor(want, last))
    cotangents = {name: tensor(one, last) for name, one in case["cotangents"].items()}
    if not cotangents or not any(results[name].requires_grad for name in cotangents):
        return
    gradients = torch.autograd.grad(
        [results[name] for name in cotangents], list(given.values()), list(cotangents.values()), materialize_grads=True
    )
    for one, got in zip([one for one in case["tensors"] if one["role"] != "noise"], gradients):
        want = case["backward"][one["name"]]
        want = tensor(want, last and one["role"] in ("input", "tensor"))
        close(f"gradient of {one['name']}: {about}", got.reshape(want.shape), want)
