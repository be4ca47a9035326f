"""Players that are told something: what the papers say in formulas holds of every network."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence

from ganbench.networks.conditional import Auxiliary, Concatenated, ConditionalGenerator, Joined, OneHot, Projected
from ganbench.networks.network import NETWORKS, ImageShape, Network, unmixed
from ganbench.networks.text import Augmentation, TextEncoder
from ganbench.objectives.constraints.spectral_norm import SpectralNorm
from ganbench.objectives.constraints.weight_clip import WeightClip

SHAPE = ImageShape(3, 16)
NAMES = list(NETWORKS.entries())
LABELS = torch.tensor([2, 0, 1, 2, 4])
CAPTIONS = torch.tensor([[2, 3, 4, 0], [5, 3, 0, 0], [2, 2, 2, 2], [4, 3, 2, 0], [1, 0, 0, 0]])
IMAGES = torch.randn(5, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def small(name: str) -> Network:
    return NETWORKS.entries()[name](**{"capacity" if name == "blocks" else "width": 4})


def inner(name: str):
    return small(name).discriminator(SHAPE, per_sample=True)


@pytest.mark.parametrize("name", NAMES)
def test_codes_enter_a_generator_beside_the_latents(name: str) -> None:
    torch.manual_seed(0)
    network, encoder = small(name), nn.Embedding(5, 3)
    generator = ConditionalGenerator(network, SHAPE, encoder, 3).eval()
    assert generator.latent_dim == network.latent
    latent = torch.randn(5, generator.latent_dim)
    wide = torch.cat([latent, encoder(LABELS)], 1)
    torch.testing.assert_close(generator(latent, LABELS), generator.inner(wide))
    assert generator.inner.latent_dim == network.latent + 3


@pytest.mark.parametrize("name", NAMES)
def test_projection_adds_an_inner_product_to_the_head(name: str) -> None:
    torch.manual_seed(0)
    plain = inner(name).eval()
    embedding = nn.Embedding(5, plain.head.in_features)
    told = Projected(plain, embedding, nn.Identity()).eval()
    features = told.features(IMAGES)
    expected = plain.head(features)[:, 0] + torch.einsum("nf,nf->n", embedding.weight[LABELS], features)
    torch.testing.assert_close(told(IMAGES, LABELS), expected)
    spread = plain.head.weight.std()
    assert 0.5 < embedding.weight.std() / spread < 2, "it begins as the head does"


@pytest.mark.parametrize("name", NAMES)
def test_concatenation_puts_a_one_hot_label_beside_the_sample(name: str) -> None:
    torch.manual_seed(0)
    told = Concatenated(small(name), SHAPE, True, unmixed, 5).eval()
    hot = nn.functional.one_hot(LABELS, 5).float()
    if name in ("mlp", "maxout"):
        beside = torch.cat([IMAGES.flatten(1), hot], 1)
    else:
        beside = torch.cat([IMAGES, hot[:, :, None, None] * torch.ones(1, 1, 16, 16)], 1)
    torch.testing.assert_close(told(IMAGES, LABELS), told.head(told.features(beside))[:, 0])
    assert not torch.equal(told(IMAGES, LABELS), told(IMAGES, LABELS.roll(1)))


@pytest.mark.parametrize("name", NAMES)
def test_the_auxiliary_head_reads_the_same_features_and_the_score_knows_no_labels(name: str) -> None:
    told = Auxiliary(inner(name), 5).eval()
    features = told.features(IMAGES)
    torch.testing.assert_close(told.logits(features), nn.functional.linear(features, *told.classifier.parameters()))
    assert torch.equal(told(IMAGES, LABELS), told(IMAGES, LABELS.roll(1)))


@pytest.mark.parametrize("name", NAMES)
def test_text_and_features_meet_in_a_hidden_layer(name: str) -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(6, 4, 8)
    told = Joined(inner(name), encoder, 8, 16).eval()
    together = torch.cat([told.features(IMAGES), encoder(CAPTIONS)], 1)
    hidden = nn.functional.leaky_relu(told.joint(together), 0.2)
    torch.testing.assert_close(told(IMAGES, CAPTIONS), told.head(hidden)[:, 0])


def test_constraints_hold_what_a_sample_passes_through_and_no_encoder() -> None:
    told = Joined(inner("dcgan"), TextEncoder(6, 4, 8), 8, 16)
    words = {name: tensor.clone() for name, tensor in told.encoder.state_dict().items()}
    WeightClip(0.001).project(told.constrained())
    clipped = [weight for name, weight in told.named_parameters() if not name.startswith("encoder")]
    assert max(weight.abs().max() for weight in clipped) <= 0.001
    assert all(torch.equal(tensor, words[name]) for name, tensor in told.encoder.state_dict().items())


def test_spectral_norm_holds_an_embedding_of_labels() -> None:
    torch.manual_seed(0)
    told = Projected(inner("resnet"), nn.Embedding(5, 4), nn.Identity())
    SpectralNorm().apply(told.constrained())
    assert torch.linalg.matrix_norm(told.embedding.weight, 2).item() == pytest.approx(1, abs=1e-3)


def test_one_hot() -> None:
    assert torch.equal(OneHot(5)(LABELS), nn.functional.one_hot(LABELS, 5).float())


def test_a_player_that_is_not_told_says_so() -> None:
    with pytest.raises(ValueError, match="labels or captions"):
        Projected(inner("mlp"), nn.Embedding(5, 4), nn.Identity())(IMAGES)


def test_the_encoder_is_torchs_own_gru_on_the_words_that_are_there() -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(6, 4, 8)
    oracle = nn.GRU(4, 8, batch_first=True)
    oracle.load_state_dict({f"{name}_l0": tensor for name, tensor in encoder.cell.state_dict().items()})
    for caption, code in zip(CAPTIONS, encoder(CAPTIONS), strict=True):
        _, last = oracle(encoder.words(caption[caption > 0])[None])
        torch.testing.assert_close(code, last[0, 0])
    assert encoder(CAPTIONS).abs().max() < 1


def test_the_end_of_a_caption_and_the_order_of_words() -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(6, 4, 8)
    longer = nn.functional.pad(CAPTIONS, (0, 3))
    assert torch.equal(encoder(longer), encoder(CAPTIONS)), "nothing says nothing"
    assert not torch.allclose(encoder(CAPTIONS)[0], encoder(CAPTIONS)[3]), "the same words in another order"
    assert not encoder.words(torch.tensor([0, 1])).any(), "an unknown word is the zero vector"
    encoder(CAPTIONS).sum().backward()
    assert encoder.words.weight.grad[2:].any(1).all(), "every word learns"


def test_augmentation_draws_about_a_code_and_its_divergence_is_that_of_gaussians() -> None:
    torch.manual_seed(0)
    augmentation, code = Augmentation(3), torch.randn(4, 3)
    mean, log_std = augmentation.moments(code).chunk(2, 1)
    drawn = augmentation(code.repeat(20_000, 1), torch.randn(80_000, 3)).view(20_000, 4, 3)
    torch.testing.assert_close(drawn.mean(0), mean, atol=0.05, rtol=0)
    torch.testing.assert_close(drawn.std(0), log_std.exp(), atol=0.05, rtol=0)
    expected = kl_divergence(Normal(mean, log_std.exp()), Normal(0.0, 1.0)).sum(1).mean()
    torch.testing.assert_close(augmentation.divergence(code), expected)


def test_an_augmented_generator_takes_the_noise_of_its_codes_from_its_latents() -> None:
    torch.manual_seed(0)
    network = small("mlp")
    generator = ConditionalGenerator(network, SHAPE, TextEncoder(6, 4, 8), 8, augmented=True).eval()
    assert generator.latent_dim == network.latent + 8
    latent = torch.randn(5, generator.latent_dim)
    other = latent.clone()
    other[:, network.latent :] *= math.pi
    assert not torch.allclose(generator(latent, CAPTIONS), generator(other, CAPTIONS))
    assert torch.equal(generator(latent, CAPTIONS), generator(latent, CAPTIONS))
