"""The Python in documents is run: in README.md, docs/torch.md and the README of the exported package."""

import os
import re
from pathlib import Path

import pytest

root = Path(__file__).parents[2]
documents = [root / "README.md", root / "docs/torch.md", Path(os.environ["POOLWRIGHT_EXPORTED"]) / "README.md"]
blocks = [
    pytest.param(text, id=f"{path.parent.name}/{path.name}, block {k + 1}")
    for path in documents
    for k, text in enumerate(re.findall(r"^```python\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL))
]


def test_there_is_something_to_run():
    assert len(blocks) >= 5


@pytest.mark.parametrize("text", blocks)
def test_runs(text):
    exec(compile(text, "the document", "exec"), {"__name__": "document"})
