"""One training: a network, a pooling and a seed to accuracies. Nothing else enters, so runs may come in any order."""

import time
from functools import cache
from typing import TypedDict

import poolwright_torch as pw
import torch
import torch.nn.functional as F
from cluttered_digits import CANVAS, draw, split, test_set
from small_networks import build
from torch import Generator, Tensor, nn

# Chosen on seeds from 100 on, which are not reported, and the same for every network and pooling.
EPOCHS = 12
PLACEMENTS = 2  # canvases a training digit and epoch
BATCH = 64
RATE = 0.02  # of AdamW: rises for a part of the steps, then falls to almost 0 as a cosine
WARM_UP = 0.15  # of the steps
DECAY = 0.01


class Result(TypedDict):
    """What one run gives."""

    network: str
    pooling: str
    seed: int
    accuracy: list[float]  # on the test set after each epoch, in [0, 1]
    loss: list[float]  # mean training loss of each epoch
    seconds: list[float]  # of the processor, which each epoch's training took
    parameters: int  # that are trained
    multiply_adds: int  # for one image


@cache
def _data() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Digits to train with and canvases to test with: the same for every run of a process."""
    return split()[0], test_set()


def train(network: str, pooling: str, seed: int, epochs: int = EPOCHS) -> Result:
    """Trains and tests after every epoch.

    The seed alone decides the canvases, their order and the initial weights: poolings with one seed see the same. Gaussian
    pooling draws from PyTorch's own generator, which nothing else uses here.
    """
    (digits, classes), (images, answers) = _data()
    # Channels last is a sixth faster on a CPU.
    model = build(network, pooling, seed).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    steps = -(-len(digits) * PLACEMENTS // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=epochs * steps, pct_start=WARM_UP, cycle_momentum=False
    )
    generator = Generator().manual_seed(seed)
    accuracy, loss, seconds = [], [], []
    for _ in range(epochs):
        order = torch.cat([torch.randperm(len(digits), generator=generator) for _ in range(PLACEMENTS)])
        canvases = draw(digits[order], digits, generator)
        began = time.process_time()
        losses = []
        model.train()
        for batch, wanted in zip(canvases.split(BATCH), classes[order].split(BATCH), strict=True):
            optimizer.zero_grad()
            value = F.cross_entropy(model(batch), wanted)
            value.backward()
            optimizer.step()
            schedule.step()
            losses.append(value.item())
        seconds.append(round(time.process_time() - began, 2))
        loss.append(round(sum(losses) / len(losses), 6))
        accuracy.append(round(_accuracy(model, images, answers), 6))
    return {
        "network": network,
        "pooling": pooling,
        "seed": seed,
        "accuracy": accuracy,
        "loss": loss,
        "seconds": seconds,
        "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "multiply_adds": pw.multiply_adds(model, (1, CANVAS, CANVAS)),
    }


@torch.inference_mode()
def _accuracy(model: nn.Module, images: Tensor, answers: Tensor) -> float:
    model.eval()
    found = torch.cat([model(batch).argmax(1) for batch in images.split(500)])
    return (found == answers).float().mean().item()
