"""Read by Python as it starts, where this folder is on PYTHONPATH: for programs that tests start."""

import torchvision_here  # noqa: F401
