"""Make the stages run the code of the checkout they stand in.

`dvc exp run --queue` works in a temporary checkout: there the installed package would be that of another one.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
