"""``python -m tests.sizes``: how large files and functions are. A report; files over 400 lines fail."""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOMS = ("storage", "feeds", "aggregator", "benchmarks", "tests")
LARGEST_FILE = 400
LARGEST_FUNCTION = 40


def main() -> int:
    """Print the report; 1 if a file is too large."""
    root = Path(__file__).parent.parent
    files = {path.relative_to(root): path.read_text() for room in ROOMS for path in sorted((root / room).rglob("*.py"))}
    lines = {path: len(text.splitlines()) for path, text in files.items()}
    functions = {
        (path, node.name): (node.end_lineno or node.lineno) - node.lineno + 1
        for path, text in files.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    code = [size for path, size in lines.items() if path.parts[0] != "tests" and size]
    print(f"{len(code)} files, median {statistics.median(code):.0f} lines, largest {max(code)}")
    ours = [size for (path, _), size in functions.items() if path.parts[0] != "tests"]
    print(f"{len(ours)} functions, median {statistics.median(ours):.0f} lines, largest {max(ours)}")
    for (path, name), size in functions.items():
        if size > LARGEST_FUNCTION and path.parts[0] != "tests":
            print(f"  {path}: {name} has {size} lines")
    too_large = {path: size for path, size in lines.items() if size > LARGEST_FILE}
    for path, size in too_large.items():
        print(f"  {path} has {size} lines: split it")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
