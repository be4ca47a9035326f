"""Extractors: what stands in for the libraries and weights that are not here follows torch-fidelity's interface."""

import sys
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torch import nn

from ganbench.errors import BenchError
from ganbench.evaluation.extractor import EXTRACTORS, KEY, digest_of, extractor
from ganbench.evaluation.extractors.inception import LAYERS
from ganbench.evaluation.features import see
from ganbench.params import Choice

CPU = torch.device("cpu")


class StandIn(nn.Module):
    """An extractor of torch-fidelity: uint8 (N, 3, H, W) → a tuple of the features that were asked for."""

    asked: tuple = ()

    def __init__(self, name, layers, feature_extractor_weights_path=None, **options):
        super().__init__()
        type(self).asked = (name, tuple(layers), feature_extractor_weights_path)
        self.layer = nn.Linear(3, 5, bias=False)
        nn.init.constant_(self.layer.weight, 0.01)
        self.layers = layers

    def forward(self, x):
        assert x.dtype == torch.uint8
        assert x.shape[1] == 3
        features = self.layer(x.float().mean(dim=(2, 3)))
        return (features, features[:, :4])[: len(self.layers)]


@pytest.fixture
def stand_in(monkeypatch):
    made = SimpleNamespace(FeatureExtractorInceptionV3=StandIn, FeatureExtractorDinoV2=StandIn)
    monkeypatch.setitem(sys.modules, "torch_fidelity", made)
    forget()
    yield made
    forget()


def forget():
    from ganbench.evaluation.extractor import _loaded

    _loaded.cache_clear()


def build(name, options=None):
    return EXTRACTORS.build(Choice(name=name, options=options), KEY)


def images(count: int, channels: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 16, 16, channels), np.uint8)


def test_the_judge_is_the_default_and_sees_what_it_always_sees(project, judge, small_params):
    found = extractor(small_params)
    assert found.name == "judge"
    seen, expected = found.see(images(5, 1), CPU), see(judge, images(5, 1), CPU)
    np.testing.assert_array_equal(seen.features, expected.features)
    assert found.digest(CPU) == judge.digest


@pytest.mark.parametrize("channels", [1, 3])
def test_inception_gives_features_and_probabilities_of_any_number_of_images(stand_in, channels):
    shown = images(150, channels)
    seen = build("inception").see(shown, CPU)
    means = np.broadcast_to(shown.mean(axis=(1, 2)), (150, 3)).sum(axis=1) * 0.01
    np.testing.assert_allclose(seen.features, np.tile(means[:, None], (1, 5)), rtol=1e-5)
    np.testing.assert_allclose(seen.probabilities, 0.25, rtol=1e-6)
    assert StandIn.asked == ("inception-v3-compat", ("2048", "logits_unbiased"), None)


def test_the_library_itself_reads_our_file_and_gives_what_we_give(tmp_path, monkeypatch):
    """The network of torch-fidelity with random weights: it has the interface that the stand-in only claims."""
    library = pytest.importorskip("torch_fidelity")
    forget()
    path, made = tmp_path / "inception.pth", library.FeatureExtractorInceptionV3
    (tmp_path / "empty.pth").write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr(torch, "load", lambda *arguments, **options: {})
        patch.setattr(made, "load_state_dict", lambda *arguments: None)
        torch.manual_seed(0)
        network = made("random", [*LAYERS], feature_extractor_weights_path=str(tmp_path / "empty.pth"))
    torch.save(network.state_dict(), path)
    shown = images(2, 3)
    seen = build("inception", {"weights": str(path)}).see(shown, CPU)
    with torch.inference_mode():
        features, logits = network(torch.from_numpy(shown).permute(0, 3, 1, 2))
    forget()
    np.testing.assert_allclose(seen.features, features.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen.probabilities, logits.double().softmax(1).numpy(), rtol=1e-5)
    assert seen.features.shape == (2, 2048)


def test_dinov2_knows_no_classes(stand_in):
    seen = build("dinov2", {"size": "b"}).see(images(3, 3), CPU)
    assert (seen.features.shape, seen.probabilities.shape) == ((3, 5), (3, 0))
    assert StandIn.asked[:2] == ("dinov2-vit-b-14", ("dinov2",))


def test_features_may_go_to_a_file_instead_of_memory(stand_in, tmp_path):
    seen = build("inception").see(images(70, 3), CPU, tmp_path / "features.npy")
    assert isinstance(seen.features, np.memmap)
    np.testing.assert_array_equal(
        np.load(tmp_path / "features.npy"), build("inception").see(images(70, 3), CPU).features
    )


def test_the_digest_is_that_of_the_weights():
    network, other = StandIn("", ["a"]), StandIn("", ["a"])
    assert digest_of(network) == digest_of(other)
    nn.init.constant_(other.layer.weight, 0.02)
    assert digest_of(network) != digest_of(other)
    assert len(digest_of(network)) == 16


@pytest.mark.parametrize("name", ["inception", "dinov2"])
def test_without_the_library_one_line_says_what_to_install(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    forget()
    with pytest.raises(BenchError, match=rf"{KEY}: {name}: needs torch-fidelity; .*or use judge") as raised:
        build(name).see(images(1, 3), CPU)
    assert len(raised.value.message.splitlines()) == 1


@pytest.mark.parametrize("name", ["inception", "dinov2"])
def test_without_a_network_one_line_says_so(stand_in, monkeypatch, name):
    def fail(*arguments, **options):
        raise URLError("no route\nto host")

    monkeypatch.setattr(stand_in, "FeatureExtractorInceptionV3", fail)
    monkeypatch.setattr(stand_in, "FeatureExtractorDinoV2", fail)
    with pytest.raises(
        BenchError, match=rf"{name}: no weights from the network: .*no route.*give {name}.weights"
    ) as raised:
        build(name).see(images(1, 3), CPU)
    assert len(raised.value.message.splitlines()) == 1


def test_weights_that_are_not_there_or_no_weights_are_refused_before_the_library_opens_them(stand_in, tmp_path):
    with pytest.raises(BenchError, match=r"inception\.weights: .*none\.pth: no such file"):
        build("inception", {"weights": str(tmp_path / "none.pth")}).see(images(1, 3), CPU)
    (tmp_path / "text.pth").write_text("not weights")
    with pytest.raises(BenchError, match=r"inception\.weights: .*not a file of weights"):
        build("inception", {"weights": str(tmp_path / "text.pth")}).see(images(1, 3), CPU)
    with pytest.raises(BenchError, match=r"dinov2\.weights: .*no such folder"):
        build("dinov2", {"weights": str(tmp_path / "none")}).see(images(1, 3), CPU)
    torch.save(torch.zeros(3), tmp_path / "tensor.pth")
    with pytest.raises(BenchError, match=r"inception\.weights: .*not a file of weights: it holds a Tensor"):
        build("inception", {"weights": str(tmp_path / "tensor.pth")}).see(images(1, 3), CPU)
    torch.save({"layer.weight": torch.zeros(1)}, tmp_path / "good.pth")
    build("inception", {"weights": str(tmp_path / "good.pth")}).see(images(1, 3), CPU)
    assert StandIn.asked[2] == str(tmp_path / "good.pth")


def test_an_unknown_extractor_or_option_is_refused_by_its_key():
    with pytest.raises(BenchError, match=rf"{KEY}: unknown extractor 'inceptoin' \(did you mean 'inception'\?\)"):
        build("inceptoin")
    with pytest.raises(BenchError, match=rf"{KEY}\.dinov2\.size: 'x'"):
        build("dinov2", {"size": "x"})
