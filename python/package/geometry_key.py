"""The words that name the windows of a call: a manifest lists kernels by them, and the export command reads them.

They are those of Poolwright's own ``geometryKey``, so that a call finds the kernels that were exported for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def _number(value: float) -> str:
    """A number as JavaScript spells it: 4, not 4.0, and with an exponent only below 1e-6 and from 1e21 on."""
    text = repr(float(value))
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(text), "f").removesuffix(".0")
    digits, exponent = text.split("e")
    return f"{digits}e{int(exponent):+d}"


def geometry_key(
    *,
    kernel: Sequence[int] = (),
    stride: Sequence[int] = (),
    low: Sequence[int] = (),
    high: Sequence[int] = (),
    dilation: Sequence[int] = (),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: float | None = None,
    output_size: Sequence[int] | None = None,
) -> str:
    """The key of sliding windows, by ``kernel`` and all that goes with it, or of adaptive ones, by ``output_size``.

    Each sequence has one number a spatial dimension, 1 to 3 of them; ``low`` and ``high`` are the padding before and behind.
    Equal windows and divisors have equal keys: ``k3x3-s2x2-p1x1``, ``adaptive7x7``, and in one dimension ``k3-s2-1d``.

    Raises:
        ValueError: where neither ``kernel`` nor ``output_size`` is given.
    """
    if output_size is not None:
        sizes = output_size
        words = ["adaptive" + "x".join(map(str, output_size))]
    elif kernel:
        sizes = kernel
        is_padded = any(low) or any(high)
        sides = [str(before) if before == behind else f"{before}:{behind}" for before, behind in zip(low, high)]
        words = [
            "k" + "x".join(map(str, kernel)),
            "s" + "x".join(map(str, stride)),
            *(["p" + "x".join(sides)] if is_padded else []),
            *(["d" + "x".join(map(str, dilation))] if any(step > 1 for step in dilation) else []),
            *(["ceil"] if ceil_mode else []),
            # Where no window sticks out, what is beside the input is never counted.
            *(["nopad"] if not count_include_pad and (is_padded or ceil_mode) else []),
            *([] if divisor_override is None else ["div" + _number(divisor_override)]),
        ]
    else:
        raise ValueError("a geometry has a kernel, or an output size where its windows are adaptive: give one of them")
    return "-".join([*words, "1d"] if len(sizes) == 1 else words)
