"""Make the stages run the code of the checkout they stand in, and start warm where ``ganbench repro`` offers it.

`dvc exp run --queue` works in a temporary checkout: there the installed package would be that of another one.
"""

import sys
from pathlib import Path

path = [*sys.path]
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from ganbench.warm import enter  # noqa: E402 (of this checkout)

enter(path)
