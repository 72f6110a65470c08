"""``feedmill``, and ``python -m aggregator``.

Kept as small as can be: a process that is begun to share in long work imports this first, and no command line.
"""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """Run the command line."""
    from aggregator.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
