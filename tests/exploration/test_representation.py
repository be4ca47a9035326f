import numpy as np
import pytest
import torch
from hand_made import Linear, subject
from torch.nn.functional import leaky_relu, max_pool2d

from ganbench.exploration import representation
from ganbench.exploration.layers import highest, maps_below, pooled_maps
from ganbench.exploration.representation import accuracy
from ganbench.exploration.subject import LeftOutError
from ganbench.networks.network import NETWORKS, ImageShape
from ganbench.params import Choice

NETS = {
    "dcgan": ({"width": 4}, 16 * (4 + 8 + 16)),
    "blocks": ({"capacity": 4}, 16 * 2 * (4 + 8 + 16)),
    "resnet": ({"width": 4}, 16 * 4 * 4),
    "r3gan": ({"width": 8, "blocks": 1, "group": 4}, None),
}


def built(name, options):
    torch.manual_seed(0)
    return NETWORKS.build(Choice(name=name, options=options), "x").discriminator(ImageShape(1, 32), False).eval()


@pytest.mark.parametrize("name", NETS)
def test_every_convolutional_layer_gives_sixteen_maxima_a_map(name):
    options, width = NETS[name]
    found = pooled_maps(built(name, options), torch.randn(3, 1, 32, 32))
    assert found.shape[0] == 3
    assert found.shape[1] == width or width is None
    assert found.shape[1] % 16 == 0


@pytest.mark.parametrize("name", NETS)
def test_the_highest_convolution_of_a_generator_is_the_one_that_draws_the_image(name):
    torch.manual_seed(0)
    generator = NETWORKS.build(Choice(name=name, options=NETS[name][0]), "x").generator(ImageShape(3, 32)).eval()
    layer = highest(generator)
    assert layer.out_channels == 3
    assert maps_below(generator, layer, torch.randn(2, generator.latent_dim)).shape[1] == layer.in_channels


def test_the_maps_of_dcgan_are_those_after_its_rectifiers():
    net = built("dcgan", {"width": 4})
    images = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        first = leaky_relu(net.features[0](images), 0.2)
        last = net.features[:-1](images)
    found = pooled_maps(net, images)
    torch.testing.assert_close(found[:, : 4 * 16], max_pool2d(first, 4).flatten(1))
    torch.testing.assert_close(found[:, -16 * 16 :], last.flatten(1))


def test_separable_vectors_are_classified_without_an_error_and_noise_by_chance():
    random = np.random.default_rng(0)
    labels, wanted = random.integers(0, 3, 300), random.integers(0, 3, 300)
    noise = random.normal(size=(600, 40)).astype(np.float32)
    signal = noise.copy()
    signal[:300, :3] += 20 * np.eye(3)[labels]
    signal[300:, :3] += 20 * np.eye(3)[wanted]
    assert accuracy(signal[:300], labels, signal[300:], wanted) == 1
    assert accuracy(noise[:300], labels, noise[300:], wanted) == pytest.approx(1 / 3, abs=0.12)


def test_the_scale_of_a_component_does_not_matter():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(200, 5)).astype(np.float32)
    labels = (vectors[:, 0] + vectors[:, 1] > 0).astype(np.int64)
    scaled = vectors * np.array([1e-4, 1e3, 1, 1, 1], np.float32)
    sets = [accuracy(v[:150], labels[:150], v[150:], labels[150:]) for v in (vectors, scaled)]
    assert sets[0] > 0.9
    assert sets[0] == pytest.approx(sets[1], abs=0.02)


def test_the_experiment_compares_four_and_is_the_same_again(small_store, tmp_path):
    cell = subject(Linear(), small_store, labelled=60)
    values = representation.run(cell, tmp_path)
    assert values == representation.run(cell, tmp_path)
    assert values["representation_images"] == 60
    assert {"discriminator", "untrained", "pixels", "judge"} == {
        name.removeprefix("representation_") for name in values if not name.endswith("images")
    }
    assert (tmp_path / "representation.png").exists()


def test_without_labels_it_is_left_out(small_store, tmp_path):
    with pytest.raises(LeftOutError, match="no labels"):
        representation.run(subject(Linear(), small_store, task="rotations"), tmp_path)
