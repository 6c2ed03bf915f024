"""Gaussian pooling of an exported package beside what one writes in PyTorch: eager, and compiled by Inductor.

All take turns, round by round; a row is one shape, type and layout, forward or both ways. Times are medians with their
quartiles, as multiples of the exported operator's. Shapes are the poolings of the paper's ResNet-50 at 224 x 224. On a CPU the
exported operator is plain PyTorch and the batch is small; what counts is a GPU.

    npm run bench:torch [-- --batch 64 --rounds 30 --out bench/results/torch.md]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import poolwright_torch as pw
import torch
import torch.nn.functional as F
from torch import Tensor

# Channels, extent, kernel: the stem, and the ends of the first blocks of three stages.
SHAPES = [(64, 224, 4), (512, 56, 2), (1024, 28, 2), (2048, 14, 2)]
EPS = 1e-6

Call = Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]


def exported(x: Tensor, m: Tensor, s: Tensor, noise: Tensor, kernel: int) -> Tensor:
    return pw.isp_gaussian(x, m, s, kernel, noise=noise)


def eager(x: Tensor, m: Tensor, s: Tensor, noise: Tensor, kernel: int) -> Tensor:
    """As one writes it by hand: the moments of windows that do not overlap, in float32."""
    wide = x.float()
    mean = F.avg_pool2d(wide, kernel)
    distance = wide - F.interpolate(mean, scale_factor=float(kernel), mode="nearest")
    deviation = F.avg_pool2d(distance * distance, kernel).clamp(min=EPS).sqrt()
    return (mean + F.softplus(m + s * noise) * deviation).to(x.dtype)


def step(call: Call, tensors: list[Tensor], kernel: int, backward: bool) -> None:
    y = call(*tensors, kernel)
    if backward:
        torch.autograd.grad(y, tensors[:3], torch.ones_like(y))


def timed(work: Callable[[], None], device: str) -> float:
    """Seconds of one call, the device's own work included."""
    if device == "cuda":
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        work()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / 1e3
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def quartiles(times: list[float]) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(times, n=4)
    return low, middle, high


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cuda or cpu")
    parser.add_argument("--batch", type=int, help="samples (64 on a GPU, 2 on a CPU)")
    parser.add_argument("--rounds", type=int, default=30, help="of which each contender has one call (30)")
    parser.add_argument("--out", type=Path, help="a file to write the table to, besides printing it")
    return parser.parse_args()


def row(given: argparse.Namespace, shape: tuple[int, int, int], dtype: torch.dtype, last: bool, backward: bool) -> str:
    channels, extent, kernel = shape
    order = torch.channels_last if last else torch.contiguous_format
    x = torch.randn(given.batch, channels, extent, extent, device=given.device).to(dtype).to(memory_format=order)
    m, s = (torch.randn(given.batch, channels, 1, 1, device=given.device) for _ in range(2))
    noise = torch.randn(given.batch, channels, extent // kernel, extent // kernel, device=given.device)
    tensors = [x.requires_grad_(), m.requires_grad_(), s.requires_grad_(), noise]
    torch._dynamo.reset()
    contenders = {"exported": exported, "eager": eager, "compiled": torch.compile(eager, fullgraph=True)}
    wanted = contenders["exported"](*tensors, kernel)
    for call in contenders.values():
        torch.testing.assert_close(call(*tensors, kernel), wanted, rtol=2e-2, atol=2e-2)
        for _ in range(3):
            step(call, tensors, kernel, backward)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(given.rounds):
        for name, call in contenders.items():
            times[name].append(timed(lambda call=call: step(call, tensors, kernel, backward), given.device))
    unit = quartiles(times["exported"])[1]
    others = (quartiles(times[name]) for name in ("eager", "compiled"))
    cells = [
        f"{given.batch} x {channels} x {extent}², k{kernel}",
        str(dtype).removeprefix("torch."),
        "channels last" if last else "channels first",
        "forward and backward" if backward else "forward",
        f"{unit * 1e3:.3f} ms",
        *(f"{middle / unit:.2f} ({low / unit:.2f} to {high / unit:.2f})" for low, middle, high in others),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    given = arguments()
    given.batch = given.batch or (64 if given.device == "cuda" else 2)
    name = torch.cuda.get_device_name() if given.device == "cuda" else f"{platform.processor() or platform.machine()} CPU"
    setting = f"PyTorch {torch.__version__}, {name}, {torch.get_num_threads()} threads, {date.today()}"
    head = [
        f"{setting}; {given.rounds} rounds in turns. The last two columns are multiples of the exported operator's median, with",
        "quartiles: above 1 the exported one is faster.",
        "",
        "| input | type | layout | | exported | eager | compiled |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines = list(head)
    print("\n".join(head), flush=True)
    for shape in SHAPES:
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            for last in (False, True):
                for backward in (False, True):
                    lines.append(row(given, shape, dtype, last, backward))
                    print(lines[-1], flush=True)
    if given.out:
        given.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
