"""Peak memory of preparing."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import raw_sets

MEASURE = """
import json, resource, sys
from pathlib import Path
import numpy as np
import pandas, pyarrow.parquet
from ganbench.data.prepare import prepare
from ganbench.data.source import Item, Source
from ganbench.params import Images

class Noise(Source):
    classes = []
    def __len__(self):
        return int(sys.argv[2])
    def __iter__(self):
        for index in range(len(self)):
            yield Item(index, f"{index}.png", np.random.default_rng(index).integers(0, 256, (8, 8, 3), dtype=np.uint8))

if __name__ == "__main__":
    images = Images.model_validate(json.loads(sys.argv[1]))
    out = Path(sys.argv[3])
    prepare(Noise(Path("noise"), images.prepare), images, out, workers=int(sys.argv[4]), patience=0.0)
    usage = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([usage, (out / "train.npy").stat().st_size]))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_peak_memory_does_not_grow_with_the_number_of_images(tmp_path, workers):
    script = tmp_path / "measure.py"
    script.write_text(MEASURE)
    images = raw_sets.images("noise", 128).model_dump_json(include={"dataset", "resolution", "channels"})
    declared = json.loads(images) | {"variants": {"gan": {"network": "mlp", "objective": "minimax"}}}
    peaks, sizes = [], []
    for count in (300, 2400):
        out = str(tmp_path / str(count))
        command = [sys.executable, str(script), json.dumps(declared), str(count), out, str(workers)]
        usage, size = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        peaks.append(np.array(usage) / 1024)
        sizes.append(size / 2**20)
    assert sizes[1] - sizes[0] > 70  # MiB of pixels more
    assert (peaks[1] - peaks[0] < 16).all(), peaks
