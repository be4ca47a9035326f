import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import lpips as oracle

from ganbench.errors import BenchError
from ganbench.evaluation.translation.lpips import BACKBONE, LINEAR, Lpips

CPU = torch.device("cpu")
WEIGHTS = Path(inspect.getfile(oracle)).with_name("lpips_models") / "alex.pth"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Random weights of the network, in the files that hold the real ones, and the authors' weights of the channels."""
    folder = tmp_path_factory.mktemp("lpips")
    torch.manual_seed(0)
    weights = {f"features.{name}": value for name, value in Lpips().features.state_dict().items()}
    torch.save(weights, folder / BACKBONE)
    (folder / LINEAR).write_bytes(WEIGHTS.read_bytes())
    return folder


def images(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 4, 64, 64, channels)).astype(np.uint8)


def test_distances_are_those_of_torchmetrics_under_the_same_weights(folder):
    ours = Lpips.load(folder, CPU)
    theirs = oracle._LPIPS(pretrained=True, net="alex", pnet_rand=True)
    weights = torch.load(folder / BACKBONE, weights_only=True)
    layers = {f"net.slice{number}.{index}" for number in range(1, 6) for index in range(12)}
    theirs.load_state_dict(
        {
            f"{layer}.{kind}": weights[f"features.{layer.rsplit('.', 1)[1]}.{kind}"]
            for layer in layers
            for kind in ("weight", "bias")
            if f"{layer}.{kind}" in theirs.state_dict()
        },
        strict=False,
    )
    x, y = images()
    planes = [torch.from_numpy(side).permute(0, 3, 1, 2).float() / 127.5 - 1 for side in (x, y)]
    with torch.inference_mode():
        expected = theirs(*planes).flatten().numpy()
    np.testing.assert_allclose(ours.distances(x, y), expected, rtol=1e-3)
    assert (expected > 0).all()


def test_an_image_is_at_no_distance_from_itself_and_grey_counts_as_colour(folder):
    ours = Lpips.load(folder, CPU)
    x, y = images(1)
    assert ours.distances(x, x).tolist() == [0] * 4
    colour = [side.repeat(3, axis=3) for side in (x, y)]
    np.testing.assert_allclose(ours.distances(x, y), ours.distances(*colour), rtol=1e-5)
    np.testing.assert_allclose(ours.distances(x, y), ours.distances(y, x), rtol=1e-5)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(BenchError, match=rf"translation\.evaluate\.lpips: .*{BACKBONE}: no such file"):
        Lpips.load(tmp_path, CPU)


@pytest.mark.parametrize("file", [BACKBONE, LINEAR])
def test_files_that_hold_something_else_are_refused_in_one_line(folder, tmp_path, file):
    for name in (BACKBONE, LINEAR):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    for content in (b"", b"nothing of the kind"):
        (tmp_path / file).write_bytes(content)
        with pytest.raises(BenchError, match=rf"{file}: not the weights") as caught:
            Lpips.load(tmp_path, CPU)
        assert "\n" not in caught.value.message
    torch.save({"other": torch.zeros(1)}, tmp_path / file)
    with pytest.raises(BenchError, match=rf"{file}: not the weights"):
        Lpips.load(tmp_path, CPU)
