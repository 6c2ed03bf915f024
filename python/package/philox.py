"""Random values that can be made again: Philox4x32-10 as a function of a seed, an index and a stream.

The backward pass remakes what the forward pass drew, so nothing is stored. The words are those of the CUDA kernels, bit for
bit; normal values agree with theirs but for rounding. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011.
"""

from __future__ import annotations

from math import pi

import torch
from torch import Tensor

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_WORD = 0xFFFFFFFF


def _product(words: Tensor, multiplier: int) -> tuple[Tensor, Tensor]:
    """The high and the low word. The product wraps in 64 bits, whose upper half is right once its sign is masked away."""
    product = words * multiplier
    return (product >> 32) & _WORD, product & _WORD


def philox_words(seed: int, index: Tensor, stream: int) -> tuple[Tensor, Tensor]:
    """The first two of four random words for each index, as int64 from 0 to 2^32 - 1."""
    c0, c1 = index & _WORD, index >> 32
    c2, c3 = torch.full_like(index, stream), torch.zeros_like(index)
    k0, k1 = seed & _WORD, (seed >> 32) & _WORD
    for _ in range(10):
        high0, low0 = _product(c0, _MULTIPLIERS[0])
        high1, low1 = _product(c2, _MULTIPLIERS[1])
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + _WEYL[0]) & _WORD, (k1 + _WEYL[1]) & _WORD
    return c0, c1


def uniform(seed: int, index: Tensor, stream: int) -> Tensor:
    """Numbers from 0 up to 1 of 24 bits, in float64."""
    word, _ = philox_words(seed, index, stream)
    return (word >> 8).double() * 2.0**-24


def normal(seed: int, index: Tensor, stream: int) -> Tensor:
    """Standard normal numbers, in float64: Box and Muller's, of a number in (0, 1] and one in [0, 1)."""
    first, second = philox_words(seed, index, stream)
    radius = torch.sqrt(-2 * torch.log(((first >> 8) + 1).double() * 2.0**-24))
    return radius * torch.cos((second >> 8).double() * (2.0**-24 * 2 * pi))
