"""Every golden case on the plain-PyTorch path: outputs, indices and gradients within the tolerances of the cases' format."""

import importlib
import json
import math
from pathlib import Path

import pytest
import torch

golden_operators = importlib.import_module("golden_operators.operators")
folder = Path(golden_operators.__path__[0])
cases = json.loads((folder / "cases.json").read_text())


def tensor(stored, layout="channels-first"):
    data = torch.tensor([float(value) for value in stored["data"]], dtype=torch.float64).reshape(stored["shape"])
    return data.movedim(-1, 1) if layout == "channels-last" else data


def close(got, want, tolerance, least=1.0):
    want = want.double()
    got = got.double()
    special = ~want.isfinite()
    assert torch.equal(got.isnan(), want.isnan())
    assert torch.equal(got[special & ~want.isnan()], want[special & ~want.isnan()])
    bound = tolerance * want.abs().clamp(min=least)
    assert bool(((got - want).abs() <= bound)[~special].all())


def window_size(case):
    extents = tensor(case["input"], case["layout"]).shape[2:]
    windows = case["windows"]
    dims = len(extents)
    if windows.get("global"):
        return math.prod(extents)
    if "outputSize" in windows:
        outputs = windows["outputSize"] if isinstance(windows["outputSize"], list) else [windows["outputSize"]] * dims
        return math.prod(max(-((o + 1) * i // -n) - o * i // n for o in range(n)) for i, n in zip(extents, outputs))
    kernel = windows["kernelSize"]
    return math.prod(kernel if isinstance(kernel, list) else [kernel] * dims)


@pytest.mark.parametrize("case", cases, ids=[f"{case['op']}: {case['id']}" for case in cases])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_agrees(case, dtype):
    function = getattr(importlib.import_module(f"golden_operators.operators.{case['function']}"), case["function"])
    layout, windows = case["layout"], case["windows"]
    x = tensor(case["input"], layout).to(dtype).requires_grad_()
    given = [
        tensor(one, layout if k < case["further"] else "channels-first").to(dtype).requires_grad_()
        for k, one in enumerate(case["given"])
    ]
    names = {
        "stride": "stride",
        "padding": "padding",
        "dilation": "dilation",
        "ceilMode": "ceil_mode",
        "countIncludePad": "count_include_pad",
    }
    asked = {python: windows[name] for name, python in names.items() if name in windows}
    if windows.get("divisorOverride") is not None:
        asked["divisor_override"] = windows["divisorOverride"]
    asked |= {"output_size": 1} if windows.get("global") else {}
    asked |= {
        name: windows[key]
        for name, key in (("kernel_size", "kernelSize"), ("output_size", "outputSize"))
        if windows.get(key) is not None
    }
    noise = {"noise": tensor(case["noise"]).to(dtype)} if case.get("noise") else {}
    made = function(x, *given, **asked, **case["attrs"], **noise)
    y = made if isinstance(made, torch.Tensor) else made[0]
    root = math.sqrt(window_size(case))
    offset = case["op"] == "gaussian-offset"
    largest = x.detach().abs().max().item()
    want = tensor(case["output"], layout)
    if offset:
        assert bool(((y.double() - want).abs() <= 2e-6 * largest * root).all())
    else:
        close(y, want, 1e-5 * root)
    if case.get("indices"):
        assert made[1].dtype == torch.int32
        assert torch.equal(made[1].long(), tensor(case["indices"], layout).long())
    if case.get("gradOutput"):
        tolerance = (2e-3 if offset else 1e-4) * root
        gradients = torch.autograd.grad(y, [x, *given], tensor(case["gradOutput"], layout).to(dtype))
        close(gradients[0], tensor(case["gradInput"], layout), tolerance)
        for k, (got, stored) in enumerate(zip(gradients[1:], case["gradients"])):
            if stored is not None:
                close(got, tensor(stored, layout if k < case["further"] else "channels-first"), tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_brackets_stay_and_numbers_may_be_beyond_the_type(dtype):
    extremes = importlib.import_module("golden_operators.operators.extremes").extremes
    scale = 1e20 if dtype == torch.float32 else 1e200
    x = (torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]], dtype=dtype) * scale).requires_grad_()
    made = extremes(x, kernel_size=2)
    assert made.product.item() == pytest.approx(4 * scale, rel=1e-6)
    assert made.small.item() == pytest.approx(2.5 * scale / 1e20, rel=1e-6)
    assert made.floor.item() == pytest.approx(4 * scale, rel=1e-6)
    assert made.least.item() == 1
    assert made.other.item() == (-math.inf if dtype == torch.float32 else -1e300)
    made.product.backward()
    assert x.grad.isfinite().all()


def test_a_formula_may_use_any_names():
    odd = importlib.import_module("golden_operators.operators.odd").odd
    generator = torch.Generator().manual_seed(0)

    def numbers(*shape):
        return torch.rand(shape, generator=generator, dtype=torch.float64).requires_grad_()

    x, further = numbers(1, 2, 4, 4), numbers(1, 2, 4, 4)
    parameters = [numbers(2) if name == "lambda_" else numbers() for name in odd.declaration.parameters]
    assert {"lambda_", "stride_", "windows_", "None_", "kernel", "self"} <= set(odd.declaration.parameters)
    assert odd(x, further, *parameters, kernel_size=2)._fields == ("y", "class_")
    assert torch.autograd.gradcheck(lambda *given: tuple(odd(*given, kernel_size=2)), (x, further, *parameters))
