"""Arguments for every operator of the package, by what it declares: what the tests hand in.

They lie on the CPU, or on what POOLWRIGHT_TORCH_DEVICE names: the tests of operators run on a GPU too.
"""

import inspect
import math
import os

import poolwright_torch as pw
import torch
from poolwright_torch.declaration import level_of

device = os.environ.get("POOLWRIGHT_TORCH_DEVICE", "cpu")

functions = [one for name, one in vars(pw).items() if inspect.isfunction(one) and hasattr(one, "declaration")]
names = [one.declaration.name for one in functions]


def arguments(function, dtype=torch.float64, kernel=(2, 2), shape=(2, 3, 6, 8), seed=0):
    """Tensors and parameters in the function's order, and keywords; random values are handed in as far as there are some."""
    generator = torch.Generator("cpu").manual_seed(seed)
    d = function.declaration
    narrow = dtype in (torch.float16, torch.bfloat16)
    wide = torch.float32 if narrow else dtype

    def numbers(size):
        return torch.rand(size, generator=generator, dtype=torch.float64, device="cpu") * 1.5 + 0.25

    # Apart from each other, so that no difference step turns a maximum over.
    x = torch.randperm(math.prod(shape), generator=generator, device="cpu").reshape(shape).double() / 40 - 2
    tensors = [(x if k == 0 else numbers(shape) - 1).to(dtype) for k in range(len(d.tensors))]
    sizes = {"": (), "c": shape[1:2], "n": shape[:1], "n c": shape[:2], "tap": kernel}
    parameters = [numbers(sizes[level_of(of)]).to(wide) for of in d.parameters.values()]
    # gem is a mean of powers.
    if d.name == "gem":
        parameters = [torch.tensor(3.0, dtype=wide)]
    return [one.to(device) for one in tensors + parameters], {"seed": 7} if d.is_seeded else {}
