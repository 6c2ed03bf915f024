"""Images on which pooling matters: handwritten digits, enlarged and put anywhere on a canvas among pieces of other digits.

scikit-learn brings 1797 digits of 8 x 8, so nothing is fetched. As they come they all stand in the middle, and any network reads
them. Here place, size, angle and contrast differ, and strokes of other digits lie about: a network has to keep what is salient
in a window and to let go of where it was, which is what a pooling layer is for.
"""

import math

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Generator, Tensor

CANVAS = 24  # pixels a side
EXTENT = (13.0, 19.0)  # of a digit on the canvas, in pixels
ANGLE = 15.0  # to either side, in degrees
FRAGMENTS = 2  # a canvas
FRAGMENT = 4  # pixels a side that are cut from a digit of 8 x 8
CONTRAST = (0.6, 1.0)
NOISE = 0.05  # standard deviation, where a stroke at full contrast is 1
TEST_DIGITS = 500
TEST_PLACEMENTS = 6  # canvases a test digit
_TEST_SEED = 20191208  # of the split and the test set: the same for every run


def split() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Digits to train with and digits to test with, every class in the same share.

    Returns:
        Twice (n, 8, 8) in [0, 1] and (n,) classes.
    """
    digits = load_digits()
    parts = train_test_split(
        digits.images / 16, digits.target, test_size=TEST_DIGITS, stratify=digits.target, random_state=_TEST_SEED
    )
    train, test, train_classes, test_classes = parts
    return (
        (torch.tensor(train, dtype=torch.float32), torch.tensor(train_classes)),
        (torch.tensor(test, dtype=torch.float32), torch.tensor(test_classes)),
    )


def test_set() -> tuple[Tensor, Tensor]:
    """The canvases that every run is tested with, (n, 1, CANVAS, CANVAS), and their classes, (n,)."""
    _, (digits, classes) = split()
    generator = Generator().manual_seed(_TEST_SEED)
    return draw(digits.repeat(TEST_PLACEMENTS, 1, 1), digits, generator), classes.repeat(TEST_PLACEMENTS)


def draw(digits: Tensor, others: Tensor, generator: Generator) -> Tensor:
    """Puts each digit on a canvas of its own.

    Args:
        digits: (n, 8, 8) in [0, 1].
        others: (m, 8, 8), from which fragments are cut.
        generator: decides everything that is random.

    Returns:
        (n, 1, CANVAS, CANVAS).
    """
    count = len(digits)
    # A digit stays on the canvas, a fragment may stick out.
    canvas = _place(digits, 1.0, generator)
    for _ in range(FRAGMENTS):
        chosen = others[torch.randint(len(others), (count,), generator=generator)]
        canvas = torch.maximum(canvas, _place(_cut(chosen, generator), 1.6, generator))
    contrast = _uniform(count, *CONTRAST, generator).reshape(-1, 1, 1, 1)
    return canvas * contrast + NOISE * torch.randn(canvas.shape, generator=generator)


def _uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def _cut(digits: Tensor, generator: Generator) -> Tensor:
    """A square piece of each digit, in the middle of an empty 8 x 8."""
    count, side, _ = digits.shape
    margin = (side - FRAGMENT) // 2
    top, left = (torch.randint(side - FRAGMENT + 1, (count, 1), generator=generator) for _ in range(2))
    rows, columns = (start + torch.arange(FRAGMENT) for start in (top, left))
    pieces = digits[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return F.pad(pieces, (margin,) * 4)


def _place(pieces: Tensor, reach: float, generator: Generator) -> Tensor:
    """Enlarges, turns and moves pieces of (n, 8, 8); a reach of 1 keeps them on the canvas."""
    count = len(pieces)
    scale = CANVAS / _uniform(count, *EXTENT, generator)
    angle = _uniform(count, -ANGLE, ANGLE, generator) * math.pi / 180
    free = reach * (1 - 1 / scale)
    x, y = (_uniform(count, -1, 1, generator) * free for _ in range(2))
    cosine, sine = scale * torch.cos(angle), scale * torch.sin(angle)
    # From a place on the canvas back to one in the piece, both from -1 to 1.
    back = torch.stack([cosine, sine, -cosine * x - sine * y, -sine, cosine, sine * x - cosine * y], dim=1).reshape(count, 2, 3)
    grid = F.affine_grid(back, [count, 1, CANVAS, CANVAS], align_corners=False)
    return F.grid_sample(pieces[:, None], grid, align_corners=False)
