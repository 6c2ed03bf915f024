"""Lets torchvision import beside a PyTorch that its own library was not built for, such as one without CUDA.

Its Python asks PyTorch for two operators that the library would have declared, and fails where they are unknown. Networks,
data sets and transforms need neither, so a declaration is enough.
"""

from importlib.util import find_spec
from pathlib import Path

import torch

try:
    torch.ops.load_library(Path(find_spec("torchvision").origin).with_name("_C.so"))
except OSError:
    declared = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        declared.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
