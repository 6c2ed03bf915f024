"""The Gaussian pooling layer against cases from elsewhere, against a statement in plain PyTorch, and under what networks do."""

import json
from math import prod, sqrt
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from poolwright_torch import ArgumentError, GaussianPooling1d, GaussianPooling2d, GaussianPooling3d
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

TESTS = Path(__file__).parents[1]
GOLDEN = next(path for path in (TESTS / folder / "gaussian-layer.json" for folder in ("golden", "layers")) if path.exists())
CASES = json.loads(GOLDEN.read_text())["cases"]

PARTS = {"hidden": ("ToHidden.1", "ToHidden.2"), "mean": ("ToMean.0", "ToMean.1"), "sigma": ("ToSigma.0", "ToSigma.1")}
LEAVES = {"runningMean": "running_mean", "runningVar": "running_var"}


def tensor(stored: dict) -> Tensor:
    return torch.tensor(stored["data"], dtype=torch.float32).reshape(stored["shape"])


def module_name(golden: str) -> str:
    part, *path = golden.split(".")
    return f"{PARTS[part][path[0] == 'bn']}.{LEAVES.get(path[-1], path[-1])}"


def layer_of(case: dict) -> GaussianPooling2d:
    attrs = case["attrs"]
    layer = GaussianPooling2d(
        case["input"]["shape"][1],
        attrs["kernelSize"],
        attrs["stride"],
        attrs["padding"],
        attrs["ceilMode"],
        attrs["countIncludePad"],
        attrs["hiddenFeatures"],
        attrs["stochasticity"],
        attrs["eps"],
    )
    state = layer.state_dict()
    for name, stored in {**case["params"], **case["buffers"]}.items():
        key = module_name(name)
        state[key] = tensor(stored).reshape(state[key].shape)
    layer.load_state_dict(state)
    return layer.train(attrs["training"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_golden(case: dict) -> None:
    layer = layer_of(case)
    x = tensor(case["input"]).requires_grad_()
    taps = sqrt(prod(case["attrs"]["kernelSize"]))

    def close(got: Tensor, stored: dict, bound: float) -> None:
        want = tensor(stored).reshape(got.shape)
        assert ((got - want).abs() <= bound * taps * want.abs().clamp(min=1)).all()

    y = layer(x, noise=tensor(case["noise"]) if "noise" in case else None)
    close(y, case["output"], 1e-5)
    y.backward(tensor(case["gradOutput"]))
    close(x.grad, case["gradInput"], 1e-4)
    wanted = {module_name(name): stored for name, stored in case["gradParams"].items()}
    with_gradient = {name: parameter.grad for name, parameter in layer.named_parameters() if parameter.grad is not None}
    assert with_gradient.keys() == wanted.keys()
    for name, gradient in with_gradient.items():
        close(gradient, wanted[name], 1e-4)


class Plain(nn.Module):
    """The layer as the paper writes it, with names as in the reference's checkpoints."""

    def __init__(self, features: int, kernel: int) -> None:
        super().__init__()
        hidden = features // 2
        self.kernel = kernel
        self.ToHidden = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(features, hidden, 1), nn.BatchNorm2d(hidden), nn.ReLU())
        self.ToMean = nn.Sequential(nn.Conv2d(hidden, features, 1), nn.BatchNorm2d(features))
        self.ToSigma = nn.Sequential(nn.Conv2d(hidden, features, 1), nn.BatchNorm2d(features), nn.Sigmoid())

    def forward(self, x: Tensor, noise: Tensor | None = None) -> Tensor:
        hidden = self.ToHidden(x)
        drawn = self.ToMean(hidden) if noise is None else self.ToMean(hidden) + self.ToSigma(hidden) * noise
        mean = F.avg_pool2d(x, self.kernel)
        variance = F.avg_pool2d(x * x, self.kernel) - mean**2
        return mean + F.softplus(drawn) * variance.clamp(min=1e-6).sqrt()


def test_checkpoints_of_the_plain_layer_load() -> None:
    torch.manual_seed(1)
    plain, layer = Plain(8, 2), GaussianPooling2d(8, 2)
    x, noise = torch.randn(4, 8, 6, 6), torch.randn(4, 8, 3, 3)
    for _ in range(3):
        plain(x + torch.randn(4, 8, 1, 1), noise)
    layer.load_state_dict(plain.state_dict())
    assert list(layer.state_dict()) == list(plain.state_dict())
    torch.testing.assert_close(layer(x, noise=noise), plain(x, noise), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(dict(layer.named_buffers()), dict(plain.named_buffers()))
    torch.testing.assert_close(layer.eval()(x), plain.eval()(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("kind", "dims"), [(GaussianPooling1d, 1), (GaussianPooling3d, 3)])
def test_other_dimensions_are_the_same_layer(kind: type[nn.Module], dims: int) -> None:
    """On planes with one extent, a layer in 1 or 3 dimensions does what one in 2 does."""
    torch.manual_seed(2)
    flat, layer = GaussianPooling2d(4, (1, 2)), kind(4, (1,) * (dims - 1) + (2,))
    layer.load_state_dict({k: v.reshape(layer.state_dict()[k].shape) for k, v in flat.state_dict().items()})
    x, noise = torch.randn(3, 4, 8), torch.randn(3, 4, 4)

    def as_planes(values: Tensor, extents: int) -> Tensor:
        return values.reshape(3, 4, *[1] * (extents - 1), -1)

    got = layer(as_planes(x, dims), noise=as_planes(noise, dims))
    torch.testing.assert_close(got, as_planes(flat(as_planes(x, 2), noise=as_planes(noise, 2)), dims))


def test_noise_follows_the_seed() -> None:
    torch.manual_seed(3)
    layer, x = GaussianPooling2d(4, 2), torch.randn(2, 4, 4, 4)
    assert torch.equal(layer(x, seed=7), layer(x, seed=7))
    assert not torch.equal(layer(x, seed=7), layer(x, seed=8))
    torch.manual_seed(4)
    first, second = layer(x), layer(x)
    assert not torch.equal(first, second)
    torch.manual_seed(4)
    assert torch.equal(layer(x), first)
    layer.eval()
    assert torch.equal(layer(x), layer(x))


@pytest.mark.parametrize("stochasticity", ["HWCN", "CN", None])
def test_compiles_as_one_graph(stochasticity: str | None) -> None:
    torch.manual_seed(5)
    layer, x = GaussianPooling2d(4, 3, 2, 1, stochasticity=stochasticity), torch.randn(3, 4, 7, 7, requires_grad=True)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    seeds = [{"seed": torch.tensor(9)}, {}] if stochasticity else [{}]
    for given in seeds:
        gradients = []
        for function in (layer, compiled):
            torch.manual_seed(6)
            y = function(x, **given)
            (gradient,) = torch.autograd.grad(y.square().sum(), x)
            gradients.append((y, gradient))
        torch.testing.assert_close(*gradients)


def test_checkpointing_draws_the_same_again() -> None:
    torch.manual_seed(7)
    layer, x = GaussianPooling2d(4, 2), torch.randn(2, 4, 4, 4, requires_grad=True)
    gradients = []
    for run in (layer, lambda x: checkpoint(layer, x, use_reentrant=False)):
        torch.manual_seed(8)
        (gradient,) = torch.autograd.grad(run(x).square().sum(), x)
        gradients.append(gradient)
    assert torch.equal(*gradients)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_estimates_in_full_precision(dtype: torch.dtype) -> None:
    """The weight is that of a float32 network on the same input: only the windows' input and output are rounded."""
    torch.manual_seed(9)
    layer = GaussianPooling2d(8, 2)
    x, noise = (torch.randn(4, 8, 6, 6) + 10).to(dtype), torch.randn(4, 8, 3, 3)
    with torch.autocast("cpu", dtype=dtype):
        y = layer(x, noise=noise)
    assert y.dtype == dtype
    assert torch.equal(y, layer(x.float(), noise=noise).to(dtype))
    y.float().sum().backward()
    assert all(parameter.grad.dtype == torch.float32 for parameter in layer.parameters())


def test_a_network_of_16_bits_infers() -> None:
    torch.manual_seed(10)
    layer, x = GaussianPooling2d(8, 2).eval(), torch.randn(2, 8, 4, 4)
    wanted = layer(x)
    got = layer.bfloat16()(x.bfloat16())
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(got.float(), wanted, atol=0.05, rtol=0.05)


@pytest.mark.parametrize("training", [True, False])
def test_channels_last_stays(training: bool) -> None:
    torch.manual_seed(11)
    layer, x = GaussianPooling2d(4, 2).train(training), torch.randn(2, 4, 6, 6)
    x_last = x.to(memory_format=torch.channels_last)
    y = layer(x_last, seed=1)
    assert y.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y, layer(x, seed=1))


def _ddp_layer() -> GaussianPooling2d:
    torch.manual_seed(12)
    layer = GaussianPooling2d(4, 2)
    for module in layer.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return layer


def _ddp_batch() -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(13)
    return torch.randn(4, 4, 6, 6), torch.randn(4, 4, 3, 3), torch.randn(4, 4, 3, 3)


def _ddp_process(rank: int, folder: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    layer = _ddp_layer()
    x, noise, cotangent = (whole[2 * rank :][:2] for whole in _ddp_batch())
    wrapped = DistributedDataParallel(layer)
    (wrapped(x, noise=noise) * cotangent).sum().backward()
    unstochastic = DistributedDataParallel(GaussianPooling2d(4, 2, stochasticity=None))
    for _ in range(2):
        unstochastic(x).sum().backward()
    if rank == 0:
        torch.save({name: parameter.grad for name, parameter in layer.named_parameters()}, f"{folder}/gradients.pt")
    dist.destroy_process_group()


def test_gradients_over_two_processes_are_those_of_the_joined_batch(tmp_path: Path) -> None:
    mp.spawn(_ddp_process, (str(tmp_path),), nprocs=2)
    layer = _ddp_layer()
    x, noise, cotangent = _ddp_batch()
    ((layer(x, noise=noise) * cotangent).sum() / 2).backward()
    torch.testing.assert_close(
        torch.load(tmp_path / "gradients.pt"), {name: parameter.grad for name, parameter in layer.named_parameters()}
    )


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="stochasticity is 'NCHW'"):
        GaussianPooling2d(4, 2, stochasticity="NCHW")
    with pytest.raises(ArgumentError, match="hidden_node is 0"):
        GaussianPooling2d(4, 2, hidden_node=0)
    layer = GaussianPooling2d(4, 2)
    with pytest.raises(ArgumentError, match="5 channels.*num_features=4"):
        layer(torch.zeros(2, 5, 4, 4))
    with pytest.raises(ArgumentError, match="GaussianPooling2d takes 4 dimensions"):
        layer(torch.zeros(4, 4, 4))
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        layer(torch.zeros(1, 4, 4, 4))
    with pytest.raises(ArgumentError, match="nothing is drawn"):
        layer.eval()(torch.zeros(1, 4, 4, 4), noise=torch.zeros(1, 4, 2, 2))


def test_one_channel_has_an_estimator() -> None:
    assert GaussianPooling2d(1, 2).ToHidden[0].out_channels == 1


def test_representation_names_what_decides() -> None:
    assert repr(GaussianPooling2d(4, 3, 2, stochasticity="CN")).startswith(
        "GaussianPooling2d(\n  4, kernel_size=3, stride=2, padding=0, ceil_mode=False, count_include_pad=True, stochasticity='CN'"
    )
