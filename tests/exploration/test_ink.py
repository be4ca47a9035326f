import numpy as np
import pytest

from ganbench.exploration.ink import Box, Ink, enclosed


def canvas(size=16):
    return np.zeros((1, size, size))


def test_the_background_is_the_median_of_the_edge_and_ink_is_what_differs():
    images = np.full((3, 16, 16, 3), (10, 200, 30), np.uint8)
    images[:, 5:9, 5:9] = (10, 200, 132)
    ink = Ink.of(images)
    assert ink.background.tolist() == [10, 200, 30]
    assert ink.amount(images) == pytest.approx(102 / 3 / 255 * 16 / 256)


def test_the_two_loops_of_an_eight_are_enclosed_and_an_open_bow_is_not():
    density = canvas()
    density[0, 2:13, 4:10] = 1
    density[0, 3:7, 5:9] = density[0, 8:12, 5:9] = 0
    assert enclosed(density) == [Box(0, 3, 7, 5, 9), Box(0, 8, 12, 5, 9)]
    density[0, 12, 4:10] = 0
    assert enclosed(density) == [Box(0, 3, 7, 5, 9)]


def test_a_single_pixel_is_no_area_and_in_larger_images_neither_is_a_larger_speck():
    density = canvas()
    density[0, 4:7, 4:7] = 1
    density[0, 5, 5] = 0
    assert enclosed(density) == []
    assert enclosed(density.repeat(2, 1).repeat(2, 2)) == []


def test_cells_of_a_map_are_inside_where_their_centres_are():
    inside = Box(0, 4, 8, 0, 3).inside(8, 16)
    assert np.argwhere(inside).tolist() == [[2, 0], [3, 0]]


def test_boxes_meet_where_they_share_a_pixel():
    assert Box(0, 0, 4, 0, 4).meets(Box(0, 3, 6, 3, 6))
    assert not Box(0, 0, 4, 0, 4).meets(Box(0, 4, 6, 3, 6))
    assert not Box(0, 0, 4, 0, 4).meets(Box(1, 0, 4, 0, 4))
