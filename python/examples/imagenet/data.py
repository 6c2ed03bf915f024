"""ImageNet's images for training and validation, in an order and with an augmentation that depend on the seed alone.

What an image looks like is a function of (seed, epoch, index), and what a batch holds one of (seed, epoch, step). So a run that
goes on from the middle of an epoch sees what it would have seen, whatever the number of workers.
"""

import hashlib
import signal
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import transforms
from torchvision.datasets import ImageFolder

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Key = tuple[int, int]


def seed_of(*parts: int) -> int:
    """A seed of 63 bits for each tuple of numbers; neighbours have nothing in common."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "little") >> 1


class Lighting(nn.Module):
    """Shifts all pixels of an image (3, H, W) along the principal components of ImageNet's colours.

    A. Krizhevsky et al.: ImageNet classification with deep convolutional neural networks. NeurIPS 2012, section 4.1. Values and
    vectors are those that are in use since Torch, for colours from 0 to 1.
    """

    values = torch.tensor([0.2175, 0.0188, 0.0045])
    vectors = torch.tensor([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]])

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, image: Tensor) -> Tensor:
        strengths = torch.randn(3) * self.deviation * self.values
        return image + (self.vectors @ strengths).reshape(3, 1, 1)


class TrainingImages(Dataset):
    """Augmented images and their classes, by (epoch, index)."""

    def __init__(self, folder: Path, size: int, limit: int | None, seed: int) -> None:
        found = ImageFolder(folder)
        self.classes = found.classes
        self.images = limited(found, limit)
        self.seed = seed
        self.augment = transforms.Compose(
            [
                transforms.RandomResizedCrop(size),
                transforms.RandomHorizontalFlip(),
                transforms.ColorJitter(0.4, 0.4, 0.4),
                transforms.ToTensor(),
                Lighting(0.1),
                transforms.Normalize(MEAN, DEVIATION),
            ]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, key: Key) -> tuple[Tensor, int]:
        epoch, index = key
        image, label = self.images[index]
        with torch.random.fork_rng(devices=[]):
            # This generator alone: torch.manual_seed would seed the GPU's too, in the middle of training.
            torch.default_generator.manual_seed(seed_of(self.seed, epoch, index))
            return self.augment(image), label


def validation_images(folder: Path, size: int, limit: int | None, classes: list[str]) -> Dataset:
    """Images resized to 8/7 of `size` and cropped at the centre: 256 and 224.

    Raises:
        SystemExit: the folder's classes are others than those that the network was trained for, or not in their places.
    """
    resized = transforms.Compose(
        [
            transforms.Resize(round(size * 256 / 224)),
            transforms.CenterCrop(size),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, DEVIATION),
        ]
    )
    found = ImageFolder(folder, resized)
    if differing := sorted(set(found.classes) ^ set(classes)):
        where = "only there" if differing[0] in found.classes else "missing there"
        raise SystemExit(
            f"{folder} has {len(found.classes)} classes, and training {len(classes)}; {differing[0]} is {where}. A class's "
            "number is its folder's place by name, so that all must be in both: make the folders alike"
        )
    return limited(found, limit)


def limited(images: Dataset, limit: int | None) -> Dataset:
    """At most so many images, spread over all classes, which an ImageFolder has one after the other."""
    count = len(images)
    if limit is None or limit >= count:
        return images
    return Subset(images, [(2 * i + 1) * count // (2 * limit) for i in range(limit)])


def batches(count: int, batch_size: int, seed: int, epoch: int, first_step: int, rank: int, world: int) -> list[list[Key]]:
    """One process's share of each of an epoch's batches, from a step on. Images that fill no batch wait for another epoch."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed_of(seed, epoch))).tolist()
    starts = range(first_step * batch_size, count // batch_size * batch_size, batch_size)
    return [[(epoch, index) for index in order[start + rank : start + batch_size : world]] for start in starts]


def load(images: Dataset, workers: int, pinned: bool, **how: object) -> DataLoader:
    """Loads batches in worker processes, without touching the random numbers that training draws."""
    return DataLoader(
        images, num_workers=workers, pin_memory=pinned, worker_init_fn=_ignore_signals, generator=torch.Generator(), **how
    )


def _ignore_signals(_worker: int) -> None:
    """Ctrl-C and SIGTERM reach a process and its workers alike, but the step at work still needs these."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
