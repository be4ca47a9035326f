import numpy as np
import pytest
import torch
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from ganbench.evaluation.translation.likeness import absolute_error, error_map, psnr, ssim

rng = np.random.default_rng(0)


def pair(channels: int = 3, side: int = 32, count: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Smooth images, and the same under noise."""
    coarse = rng.integers(0, 256, (count, side // 4, side // 4, channels))
    x = coarse.repeat(4, axis=1).repeat(4, axis=2)
    y = (x + rng.normal(0, 30, x.shape)).clip(0, 255)
    return x.astype(np.uint8), y.astype(np.uint8)


def planes(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images / 255.0).permute(0, 3, 1, 2)


@pytest.mark.parametrize(("channels", "side"), [(1, 16), (3, 32)])
def test_similarity_is_that_of_torchmetrics_where_the_window_is_inside_the_image(channels, side):
    x, y = pair(channels, side)
    _, full = structural_similarity_index_measure(
        planes(x), planes(y), data_range=1.0, reduction="none", return_full_image=True
    )
    np.testing.assert_allclose(ssim(x, y), full[..., 5:-5, 5:-5].mean(dim=(1, 2, 3)).numpy(), rtol=1e-6)


def test_similarity_is_one_where_images_are_equal_even_constant_ones_and_minus_one_for_a_contrary_pattern():
    x, _ = pair()
    np.testing.assert_allclose(ssim(x, x), 1)
    assert ssim(np.full((1, 16, 16, 1), 7, np.uint8), np.full((1, 16, 16, 1), 7, np.uint8)) == pytest.approx(1)
    board = (np.indices((32, 32)).sum(0) % 2 * 255).astype(np.uint8)[None, ..., None]
    assert ssim(board, 255 - board)[0] < -0.99


def test_two_constant_images_differ_in_luminance_alone():
    x, y = (np.full((1, 16, 16, 1), value, np.uint8) for value in (51, 204))  # 0.2 and 0.8
    c1 = 0.01**2
    assert ssim(x, y)[0] == pytest.approx((2 * 0.2 * 0.8 + c1) / (0.2**2 + 0.8**2 + c1))


def test_the_ratio_is_that_of_torchmetrics():
    x, y = pair()
    expected = peak_signal_noise_ratio(planes(x), planes(y), data_range=1.0, reduction="none", dim=(1, 2, 3))
    np.testing.assert_allclose(psnr(x, y), expected.numpy(), rtol=1e-6)


def test_a_constant_error_of_a_tenth_has_a_ratio_of_twenty_decibels():
    x, y = np.zeros((1, 4, 4, 1), np.uint8), np.full((1, 4, 4, 1), 51, np.uint8)
    assert psnr(x, y)[0] == pytest.approx(-20 * np.log10(0.2))


def test_equal_images_count_as_if_one_value_were_one_grey_level_off():
    x, _ = pair(count=1)
    almost = x.copy()
    almost[0, 3, 4, 1] ^= 1
    assert psnr(x, x)[0] == pytest.approx(psnr(x, almost)[0])
    assert psnr(x, x)[0] == pytest.approx(20 * np.log10(255) + 10 * np.log10(x.size))


def test_absolute_errors_are_on_the_scale_from_zero_to_one():
    x = np.zeros((2, 2, 2, 1), np.uint8)
    y = np.array([[[0, 255], [51, 0]], [[0, 0], [0, 0]]], np.uint8)[..., None]
    np.testing.assert_allclose(absolute_error(x, y), [(1 + 0.2) / 4, 0])
    np.testing.assert_allclose(error_map(x, y)[0], [[0, 1], [0.2, 0]])


def test_many_images_are_compared_one_by_one():
    x, y = pair(1, 16, count=150)
    for measure in (absolute_error, psnr, ssim):
        np.testing.assert_allclose(measure(x, y)[140:], measure(x[140:], y[140:]))
