"""Arguments for every operator of the package, by what it declares: what the tests hand in."""

import inspect

import poolwright_torch as pw
import torch
from poolwright_torch.declaration import level_of

functions = [one for name, one in vars(pw).items() if inspect.isfunction(one) and hasattr(one, "declaration")]
names = [one.declaration.name for one in functions]


def arguments(function, dtype=torch.float64, kernel=(2, 2), shape=(2, 3, 6, 8), seed=0):
    """Tensors and parameters in the function's order, and keywords; random values are handed in as far as there are some."""
    generator = torch.Generator().manual_seed(seed)
    d = function.declaration
    narrow = dtype in (torch.float16, torch.bfloat16)
    wide = torch.float32 if narrow else dtype

    def numbers(size):
        return torch.rand(size, generator=generator, dtype=torch.float64) * 1.5 + 0.25

    # Apart from each other, so that no difference step turns a maximum over.
    x = torch.randperm(int(torch.tensor(shape).prod()), generator=generator).reshape(shape).double() / 40 - 2
    tensors = [(x if k == 0 else numbers(shape) - 1).to(dtype) for k in range(len(d.tensors))]
    sizes = {"": (), "c": shape[1:2], "n": shape[:1], "n c": shape[:2], "tap": kernel}
    parameters = [numbers(sizes[level_of(of)]).to(wide) for of in d.parameters.values()]
    # gem is a mean of powers.
    if d.name == "gem":
        parameters = [torch.tensor(3.0, dtype=wide)]
    return tensors + parameters, {"seed": 7} if d.is_seeded else {}
