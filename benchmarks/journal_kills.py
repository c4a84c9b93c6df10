"""Kills a process that writes a journal at 500 random moments, and looks for settled events that are lost.

python -m benchmarks.journal_kills             exits with 1 if a file is damaged or an event is lost
python -m benchmarks.journal_kills --kills 50  fewer kills
"""

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.support.journal_kills import kill


def main() -> int:
    """Print the toll; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        random = Random(options.seed)  # noqa: S311 - reproducible, not secret
        toll = kill(Path(folder), times=options.kills, random=random)
    print(
        f"{toll.kills} kills: {toll.damaged} files damaged, "
        f"{toll.lost} of {toll.reported} settled events lost"
    )
    return 1 if toll.damaged or toll.lost else 0


if __name__ == "__main__":
    sys.exit(main())
