"""How the vectors of the training tests are written: packed or rounded numbers, and JSON as the linter wants it."""

import base64
import re
from pathlib import Path

import oracle


def packed(tensor):
    """The tensor as base64 of little-endian float32."""
    return base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()


def rounded(value, digits):
    """A number, or numbers in lists, to so many significant digits."""
    if isinstance(value, (list, tuple)):
        return [rounded(each, digits) for each in value]
    return float(f"{float(value):.{digits}g}")


def write(script, cases):
    """Writes the cases beside the script, with long lists of numbers filled into lines."""
    oracle.write(script, cases)
    path = Path(script).with_suffix(".json")
    lines = [filled(line) if len(line) > 110 else line for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")


def filled(line):
    found = re.fullmatch(r'( *)([^\[]*\[)([^\[\]"]*)(\],?)', line)
    if not found:
        return line
    indent, start, numbers, end = found.groups()
    lines = [indent + " "]
    for number in re.findall(r"[^,\s]+,?", numbers):
        if len(lines[-1]) + 1 + len(number) > 110:
            lines.append(indent + " ")
        lines[-1] += " " + number
    return "\n".join([indent + start, *lines, indent + end])
