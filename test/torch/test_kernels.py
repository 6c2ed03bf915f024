"""Every operator's own way to its exported kernels, without a GPU: what it hands them, and what they make of it on the
emulator, beside its plain PyTorch."""

import poolwright_torch.operator
import pytest
import torch
from cases import arguments, functions
from package.device import Device
from poolwright_torch import launch

cases = [(one, torch.float32, torch.contiguous_format, {"kernel_size": 3, "stride": 2, "padding": 1}) for one in functions] + [
    (one, torch.bfloat16, torch.channels_last, {"kernel_size": 2})
    for one in functions
    if one.declaration.name in ("gaussian", "isp-gaussian", "lip", "max", "alpha-softmax")
]


def names(case):
    function, dtype, _, windows = case
    return f"{function.declaration.name}, {dtype}, kernel {windows['kernel_size']}"


@pytest.mark.parametrize("case", cases, ids=names)
def test_kernels_give_what_plain_pytorch_does(stand_in, monkeypatch, case):
    function, dtype, order, windows = case
    operator = function.__globals__["_operator"]
    device = Device(stand_in.driver, 0, stream=lambda: 0)
    seen = []

    def run(entry, direction, tensors, sizes, seed):
        stand_in.knows(tensors.values())
        launch.run(entry, direction, tensors, sizes, seed, device)

    def both(direction, call, cotangents, outputs):
        operator._compute_plainly(direction, call, cotangents, outputs)
        made = {name: torch.full_like(one, 77) for name, one in outputs.items()}
        operator.compute_by_kernels(direction, call, cotangents, made)
        bound = 1e-2 if dtype == torch.bfloat16 else 1e-4
        for name, want in outputs.items():
            torch.testing.assert_close(made[name], want, rtol=bound, atol=bound, msg=lambda text, of=name: f"{of}: {text}")
        seen.append(direction)

    monkeypatch.setattr(poolwright_torch.operator, "run", run)
    monkeypatch.setattr(operator, "_compute", both)
    given, extra = arguments(function, dtype, (windows["kernel_size"],) * 2)
    tensors = [one.to(memory_format=order) if one.dim() == 4 else one for one in given]
    tensors = [one.requires_grad_() for one in tensors]
    made = function(*tensors, **windows, **extra)
    y = made if isinstance(made, torch.Tensor) else made[0]
    y.backward(torch.linspace(-1, 1, y.numel()).reshape(y.shape).to(dtype))
    assert seen == ["forward", "backward"]


def test_windows_without_a_kernel_are_refused_with_the_command(monkeypatch):
    import poolwright_torch as pw

    operator = pw.avg.__globals__["_operator"]
    monkeypatch.setattr(operator, "_compute", operator.compute_by_kernels)
    with pytest.raises(
        pw.UnknownGeometryError,
        match=r"no CUDA kernel for the geometry k5x5-s1x1.*npx poolwright export torch .*--geometry k5x5-s1x1",
    ):
        pw.avg(torch.randn(1, 1, 8, 8), 5, stride=1)
