import numpy as np
import pytest

from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.neighbours import Exhibit, nearest_in_features, nearest_in_pixels, picture, pixel_points


def random_images(seed: int, count: int, side: int = 16, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, channels), np.uint8)


@pytest.mark.parametrize(("side", "channels"), [(16, 1), (32, 3)])
def test_pixel_distance_is_the_root_mean_square_difference_in_grey_levels(side, channels):
    train, images = random_images(0, 30, side, channels), random_images(1, 5, side, channels)
    difference = images[:, None].astype(float) - train[None].astype(float)
    expected = np.sqrt((difference**2).mean(axis=(2, 3, 4)))
    found = nearest_in_pixels(images, train)
    np.testing.assert_allclose(found.distances, np.sort(expected, axis=1)[:, :4], rtol=1e-12)
    np.testing.assert_array_equal(found.rows, np.argsort(expected, axis=1)[:, :4])


def test_black_and_white_are_255_grey_levels_apart_at_any_size():
    for side in (16, 32, 64, 128):
        black, white = np.zeros((4, side, side, 1), np.uint8), np.full((1, side, side, 1), 255, np.uint8)
        assert nearest_in_pixels(white, black).distances[0, 0] == pytest.approx(255)


def test_large_images_are_compared_by_the_means_of_squares_of_pixels():
    images = random_images(2, 3, 64, 3)
    means = images.astype(float).reshape(3, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    np.testing.assert_array_equal(pixel_points(images) / 4, means.reshape(3, -1))


def test_a_copied_image_is_found_at_distance_zero():
    train = random_images(3, 50)
    found = nearest_in_pixels(train[[17]], train)
    assert (found.rows[0, 0], found.distances[0, 0]) == (17, 0)


def test_a_tiny_training_set_gives_as_many_neighbours_as_there_are():
    assert nearest_in_features(np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32)).rows.shape == (2, 2)


def test_the_picture_shows_each_image_and_its_neighbours_from_the_most_to_the_least_copied():
    train = np.arange(200, dtype=np.uint8)[:, None, None, None] * np.ones((1, 16, 16, 1), np.uint8)
    images = np.full((20, 16, 16, 1), 201, np.uint8)
    distances = np.arange(20, 0, -1.0)[:, None] + np.arange(4)
    rows = np.arange(80).reshape(20, 4)
    shown = np.asarray(
        picture(Exhibit(images, Nearest(distances, rows)), Exhibit(images, Nearest(distances, rows)), train)
    )
    cell = 18 * 3
    centre = np.array([[shown[3 * 9 + y * cell + 3, 3 * 9 + x * cell + 3] for x in range(13)] for y in range(8)])
    ranks = np.linspace(0, 19, 8).round().astype(int)
    for row, rank in zip(centre, ranks, strict=True):
        mine = rows[19 - rank].tolist()
        assert row.tolist() == [201, 255, *mine, 255, 201, 255, *mine]


def test_the_picture_of_few_images_has_few_rows():
    train, images = random_images(4, 30, 16, 3), random_images(5, 3, 16, 3)
    found = nearest_in_pixels(images, train)
    sheet = picture(Exhibit(images, found), Exhibit(images, found), train)
    assert (sheet.mode, sheet.height) == ("RGB", 3 * (3 * 18 + 2))
