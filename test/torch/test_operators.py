"""Every exported operator as a citizen of PyTorch: schema, fake kernels, gradients, compilation, types, layouts, seeds."""

import copy
import pickle

import numpy as np
import poolwright_torch as pw
import pytest
import torch
import torch._dynamo.testing
import torch.nn.functional as F
from cases import arguments, device, functions, names
from torch.utils._python_dispatch import TorchDispatchMode

torch.set_default_device(device)

windows = {"kernel_size": 2, "stride": 2}


def first(made):
    return made if isinstance(made, torch.Tensor) else made[0]


def with_gradients(tensors):
    return [one.clone().requires_grad_() for one in tensors]


every = pytest.mark.parametrize("function", functions, ids=names)


def test_all_operators_are_here():
    assert len(functions) >= 18
    assert set(names) >= {"avg", "max", "gaussian", "softpool", "isp-gaussian", "isp-gaussian-cn", "lip", "gated"}


def arguments_of_call(function, given, extra):
    """What the custom operator itself is called with."""
    captured = []
    operator = function.__globals__["_operator"]
    original = operator.op
    operator.op = lambda *args: captured.append(args) or original(*args)
    try:
        function(*given, **windows, **extra)
    finally:
        operator.op = original
    (args,) = captured
    is_float = [isinstance(one, torch.Tensor) and one.is_floating_point() for one in args]
    return original, tuple(one.detach().requires_grad_() if floats else one for one, floats in zip(args, is_float))


@every
def test_opcheck(function):
    given, extra = arguments(function, torch.float32)
    assert set(torch.library.opcheck(*arguments_of_call(function, given, extra)).values()) == {"SUCCESS"}


@pytest.mark.parametrize("function", [pw.gaussian, pw.isp_gaussian], ids=["gaussian", "isp-gaussian with noise"])
def test_opcheck_of_other_calls(function):
    """Channels last, and random values that are handed in."""
    given, extra = arguments(function, torch.float32)
    given[0] = given[0].to(memory_format=torch.channels_last)
    noise = {"noise": torch.randn(2, 3, 3, 4)} if extra else {}
    assert set(torch.library.opcheck(*arguments_of_call(function, given, noise)).values()) == {"SUCCESS"}


@every
@pytest.mark.parametrize(
    "asked", [windows, {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}], ids=["k2s2", "k3s2p1 ceil"]
)
def test_gradcheck(function, asked):
    kernel = (asked["kernel_size"],) * 2
    given, extra = arguments(function, kernel=kernel, shape=(2, 2, 5, 6))
    assert torch.autograd.gradcheck(lambda *tensors: first(function(*tensors, **asked, **extra)), with_gradients(given))


# Inductor takes seconds each: two operators show it, the rest go as far as the traced graph of both directions.
inductor = {"gaussian", "isp-gaussian"}


@every
def test_compiles_in_one_graph(function):
    given, extra = arguments(function, torch.float32)
    torch._dynamo.reset()
    backend = "inductor" if function.declaration.name in inductor else "aot_eager"

    def step(*tensors):
        return first(function(*[one * 1.0 for one in tensors], **windows, **extra)) * 2

    eager, compiled = with_gradients(given), with_gradients(given)
    wanted = step(*eager)
    made = torch.compile(step, fullgraph=True, backend=backend)(*compiled)
    assert torch.equal(made, wanted)
    wanted.sum().backward()
    made.sum().backward()
    for a, b in zip(eager, compiled):
        torch.testing.assert_close(a.grad, b.grad)


def test_compiles_for_sizes_that_change_and_seeds_that_are_drawn():
    torch._dynamo.reset()
    graphs = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    layer = torch.compile(lambda x, m, s: pw.isp_gaussian(x, m, s, 2), fullgraph=True, backend=graphs, dynamic=True)
    compiled = 0
    for size in (8, 10, 12):
        x = torch.randn(2, 3, size, size)
        m, s = torch.zeros(2, 3), torch.ones(2, 3)
        assert layer(x, m, s).shape == (2, 3, size // 2, size // 2)
        assert not torch.equal(layer(x, m, s), layer(x, m, s))
        compiled = compiled or graphs.frame_count
    assert graphs.frame_count == compiled


@every
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
def test_narrow_types_compute_in_float32(function, dtype):
    given, extra = arguments(function, dtype)
    narrow = with_gradients(given)
    wide = with_gradients([one.float() for one in given])
    made, wanted = first(function(*narrow, **windows, **extra)), first(function(*wide, **windows, **extra))
    assert made.dtype == dtype
    torch.testing.assert_close(made, wanted.to(dtype), rtol=0, atol=0)
    made.backward(torch.ones_like(made))
    wanted.backward(torch.ones_like(wanted))
    for a, b in zip(narrow, wide):
        assert a.grad.dtype == a.dtype
        torch.testing.assert_close(a.grad, b.grad.to(a.dtype), rtol=0, atol=0)


@every
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
def test_autocast_pools_what_a_convolution_gives(function, dtype):
    given, extra = arguments(function, torch.float32)
    weight = torch.eye(3).reshape(3, 3, 1, 1).requires_grad_()
    with torch.autocast(device, dtype=dtype):
        hidden = F.conv2d(given[0], weight)
        tensors = [hidden, *[one.to(dtype) if one.shape == hidden.shape else one for one in given[1:]]]
        y = first(function(*tensors, **windows, **extra))
    assert y.dtype == hidden.dtype == dtype
    y.float().sum().backward()
    assert weight.grad.dtype == torch.float32 and bool(weight.grad.isfinite().all())


@every
def test_channels_last_stays_so(function):
    given, extra = arguments(function, torch.float32)
    last = [one.to(memory_format=torch.channels_last) if one.dim() == 4 else one for one in given]
    a, b = with_gradients(given), with_gradients(last)
    y, z = first(function(*a, **windows, **extra)), first(function(*b, **windows, **extra))
    assert z.is_contiguous(memory_format=torch.channels_last) and not z.is_contiguous()
    torch.testing.assert_close(y, z, rtol=0, atol=0)
    y.sum().backward()
    z.sum().backward()
    assert b[0].grad.is_contiguous(memory_format=torch.channels_last)
    for one, other in zip(a, b):
        torch.testing.assert_close(one.grad, other.grad)


@every
def test_runs_repeat_to_the_bit_in_deterministic_mode(function):
    given, extra = arguments(function, torch.float32)
    torch.use_deterministic_algorithms(True)
    try:
        made = []
        for _ in range(2):
            tensors = with_gradients(given)
            first(
                function(*tensors, kernel_size=3 if "gated" not in function.declaration.name else 2, stride=1, **extra)
            ).square().sum().backward()
            made.append([one.grad for one in tensors])
        assert all(torch.equal(a, b) for a, b in zip(*made))
    finally:
        torch.use_deterministic_algorithms(False)


@every
@pytest.mark.parametrize("dims", [1, 3])
def test_other_dimensions(function, dims):
    given, extra = arguments(function, kernel=(2,) * dims, shape=(1, 2, 4, 5, 4)[: 2 + dims])
    assert torch.autograd.gradcheck(lambda *tensors: first(function(*tensors, kernel_size=2, **extra)), with_gradients(given))


def test_agrees_with_pytorchs_own():
    x = torch.randn(2, 3, 11, 13)
    asked = dict(kernel_size=3, stride=2, padding=1, ceil_mode=True)
    torch.testing.assert_close(pw.avg(x, **asked, count_include_pad=False), F.avg_pool2d(x, **asked, count_include_pad=False))
    y, indices = F.max_pool2d(x, **asked, return_indices=True)
    assert torch.equal(pw.max(x, **asked).y, y) and torch.equal(pw.max(x, **asked).indices.long(), indices)
    torch.testing.assert_close(pw.avg(x, output_size=(3, 5)), F.adaptive_avg_pool2d(x, (3, 5)))
    torch.testing.assert_close(pw.avg(x, output_size=1), F.adaptive_avg_pool2d(x, 1))
    torch.testing.assert_close(pw.max(x, kernel_size=3, dilation=2).y, F.max_pool2d(x, 3, dilation=2))
    torch.testing.assert_close(pw.lp(x.abs(), 3, p=2.0), F.lp_pool2d(x.abs(), 2, 3))


def test_a_seed_decides_what_is_drawn():
    x, m, s = torch.randn(2, 3, 8, 8), torch.zeros(2, 3), torch.ones(2, 3)
    drawn = [pw.isp_gaussian(x, m, s, 2, seed=seed) for seed in (3, 3, 4, torch.tensor(3, device="cpu"), 3 + 2**64 - 2**64)]
    assert torch.equal(drawn[0], drawn[1]) and torch.equal(drawn[0], drawn[3])
    assert not torch.equal(drawn[0], drawn[2])
    torch.manual_seed(1)
    a = pw.isp_gaussian(x, m, s, 2)
    torch.manual_seed(1)
    assert torch.equal(a, pw.isp_gaussian(x, m, s, 2))
    assert not torch.equal(a, pw.isp_gaussian(x, m, s, 2))
    assert pw.isp_gaussian(x, m, s, 2, seed=2**64 - 1).shape == a.shape


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda x: pw.avg(x, 9), "does not fit an extent of 6"),
        (lambda x: pw.avg(x, 2, padding=2), "padding must be from 0 to 1"),
        (lambda x: pw.avg(x), "give kernel_size, or output_size"),
        (lambda x: pw.avg(x, 2, output_size=1), "leave out what says how they slide"),
        (lambda x: pw.avg(x, (2, 2, 2)), "has 3 numbers, but the input has 2"),
        (lambda x: pw.avg(x.int(), 2), "takes floats of 16, 32 or 64 bits, but x is torch.int32"),
        (lambda x: pw.avg(x[0, 0], 2), "pooling has 1, 2 or 3"),
        (lambda x: pw.gaussian(x, torch.ones(5), 2), r"weight must be of shape \(1, 3, 1, 1\)"),
        (lambda x: pw.lip(x, x[:1], 2), "l must be of x's shape"),
        (lambda x: pw.lip(x, x.to("meta"), 2), "l is on meta, but x is on .*: move one of them, as in l.to"),
        (lambda x: pw.avg(x, (2.5, 2)), "kernel_size is made of integers, but has 2.5"),
        (lambda x: pw.avg(x, 2, padding=(0, (1, 1, 1))), "padding has an integer for each dimension, or two"),
        (lambda x: pw.avg(x, output_size=(None, 2)), "output_size is made of integers, but has None"),
        (lambda x: pw.avg(x[:, :, :0], output_size=1), r"need extents of at least 1, but the input has \(0, 6\)"),
        (lambda x: pw.isp_gaussian(x, 0.0, 1.0, 2, seed=3.5), "a seed is an integer, but this is 3.5"),
        (lambda x: torch.func.jvp(lambda one: pw.avg(one, 2), (x,), (x,)), "avg has no derivative in forward mode"),
        (lambda x: pw.gated(x, torch.ones(3, 3), 2), r"w has a number for each tap, \(2, 2\)"),
        (lambda x: pw.gated(x, torch.ones(3, 3), output_size=2), "adaptive windows have no one size"),
        (lambda x: pw.var(x, 2, divisor_override=3), "no meaning with a divisor_override"),
        (lambda x: pw.isp_gaussian(x, torch.ones(2, 3), torch.ones(2, 3), 2, seed=torch.ones(2)), "one int64 on the CPU"),
        (lambda x: pw.isp_gaussian(x, 0.0, 1.0, 2, seed=2**64), "a seed has 64 bits"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.randn(2, 3, 6, 6))


def test_empty_batches_have_gradients():
    x = torch.randn(0, 3, 6, 6, requires_grad=True)
    y = pw.gaussian(x, torch.ones(3, requires_grad=True), 2)
    assert y.shape == (0, 3, 3, 3)
    y.sum().backward()
    assert x.grad.shape == x.shape


def test_functions_are_copied_and_pickled_by_name():
    assert copy.deepcopy(pw.gaussian) is pw.gaussian
    assert pickle.loads(pickle.dumps(pw.softpool)) is pw.softpool


def test_results_are_pickled_by_their_names():
    made = pw.max(torch.randn(1, 1, 4, 4), 2)
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is type(made) and again._fields == made._fields
    assert all(map(torch.equal, again, made))


def test_other_integers_are_taken():
    x = torch.randn(1, 1, 4, 4)
    assert torch.equal(pw.avg(x, np.int64(2), padding=(np.int64(1), 0)), pw.avg(x, 2, padding=(1, 0)))


def test_drawing_operators_stay_out_of_cuda_graphs(monkeypatch):
    """Their seed is read on the CPU: a replay would draw the same again."""
    drawing, other = (function.__globals__["_operator"] for function in (pw.isp_gaussian, pw.gaussian))
    for op, is_left_out in ((drawing.op, True), (drawing.backward_op, True), (other.op, False), (other.backward_op, False)):
        assert (torch.Tag.cudagraph_unsafe in op._opoverload.tags) == is_left_out
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    monkeypatch.setattr(drawing, "_compute", drawing.compute_by_kernels)
    x = torch.randn(1, 2, 4, 4)
    with pytest.raises(ValueError, match="draws random values, and a CUDA graph would replay the same"):
        pw.isp_gaussian(x, 0.0, 1.0, 2)


def test_numbers_are_made_where_they_are_needed():
    """Copied from the host, each would be waited for."""
    seen = []

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            seen.append(str(function))
            return function(*args, **(kwargs or {}))

    x = torch.randn(1, 2, 4, 4)
    with Seen():
        pw.gaussian(x, 0.5, 2)
    assert any("full" in one for one in seen) and not any("_to_copy" in one or "lift" in one for one in seen)
