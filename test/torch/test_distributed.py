"""Two processes have the gradients of one on the joined batch: every operator that a module can hold, in one network."""

from pathlib import Path

import poolwright_torch as pw
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from cases import functions
from torch import nn
from torch.nn.parallel import DistributedDataParallel

held = [
    one for one in functions if len(one.declaration.tensors) == 1 and "sample-channel" not in one.declaration.parameters.values()
]


class Network(nn.Module):
    """A convolution, and the sum of all poolings of what it gives."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)
        initial = {"scalar": 1.5, "channel": 0.5, "kernel": torch.rand(2, 2)}
        self.poolings = nn.ModuleList(
            pw.Pooling(
                one, (2, 2), num_features=4, **{name: initial[shape] for name, shape in one.declaration.parameters.items()}
            )
            for one in held
            if not one.declaration.is_seeded
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.convolution(x)
        return torch.stack([pooling(hidden) for pooling in self.poolings]).sum(0)


def gradients(network: nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    network(x).square().mean().backward()
    return {name.removeprefix("module."): one.grad for name, one in network.named_parameters()}


def batch() -> torch.Tensor:
    return torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def process(rank: int, folder: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    made = gradients(DistributedDataParallel(Network()), batch()[2 * rank :][:2])
    if rank == 0:
        torch.save(made, f"{folder}/gradients.pt")
    dist.destroy_process_group()


def test_two_processes_have_the_gradients_of_one(tmp_path: Path) -> None:
    mp.spawn(process, (str(tmp_path),), nprocs=2)
    made = torch.load(tmp_path / "gradients.pt")
    wanted = gradients(Network(), batch())
    assert len(Network().poolings) >= 12
    assert made.keys() == wanted.keys()
    for name, want in wanted.items():
        torch.testing.assert_close(made[name], want, msg=lambda text, of=name: f"{of}: {text}")
