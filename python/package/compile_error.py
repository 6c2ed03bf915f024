"""What NVRTC complains of, with the lines marked: CUDA 11 prints no source lines, so they are taken from the text itself."""

from __future__ import annotations

import re

# A name may hold brackets, so the line number is what stands in the last ones before the severity.
_OF_SOURCE = re.compile(r"^.*\((\d+)\): (?:catastrophic error|internal error|error)(?: #[\w-]+)?: (.*)$")
_OF_OPTION = re.compile(r"^(?:nvrtc: error|ptxas (?:.*; )?(?:fatal|error) *): (.*)$")
# The most complaints that a message shows.
_MOST_SHOWN = 5
_LINES_BEFORE = 2


class CompileError(RuntimeError):
    """A text, or an option, that NVRTC refuses: the message shows the first errors on their marked lines.

    ``log`` is NVRTC's answer as it is.
    """

    def __init__(self, heading: str, name: str, source: str, log: str) -> None:
        shown = _complaints(name, source.splitlines(), log)
        # A code without a complaint says too little: the log, as it is, says more.
        hidden = [f"… and {len(shown) - _MOST_SHOWN} more"] if len(shown) > _MOST_SHOWN else []
        super().__init__("\n\n".join([heading, *(shown[:_MOST_SHOWN] or [log.strip()]), *hidden]))
        self.log = log


def _complaints(name: str, source: list[str], log: str) -> list[str]:
    found = []
    for line in log.splitlines():
        if in_source := _OF_SOURCE.match(line):
            found.append("\n".join([f"{name}:{in_source[1]}: {in_source[2]}", *_marked(source, int(in_source[1]))]))
        elif of_option := _OF_OPTION.match(line):
            found.append(of_option[1])
    return found


def _marked(source: list[str], line: int) -> list[str]:
    """The line and those before it, with a mark at the line."""
    first, width = max(1, line - _LINES_BEFORE), len(str(line))
    shown = enumerate(source[first - 1 : line], first)
    return [f"{'>' if at == line else ' '} {at:>{width}} | {text}" for at, text in shown]
