import numpy as np
import pytest
import torch
from hand_made import SIDE, Linear, Rings, corner, subject

from ganbench.exploration import feature_dropout
from ganbench.exploration.feature_dropout import cells, effect, fit
from ganbench.exploration.ink import Box, Ink
from ganbench.exploration.layers import highest, maps_below, without
from ganbench.exploration.subject import LeftOutError

LATENTS = torch.tensor([[1.0, 0.5], [-1.0, 0.5], [1.0, -2.0]])


def test_dropping_a_map_removes_exactly_its_contribution():
    generator = Rings().eval()
    layer = highest(generator)
    assert layer is generator.upper
    maps = maps_below(generator, layer, LATENTS)
    with torch.no_grad():
        whole = generator(LATENTS)
        with without(layer, torch.tensor([True, False])):
            rest = generator(LATENTS)
        again = generator(LATENTS)
    torch.testing.assert_close(whole - rest, -2 * maps[:, :1], rtol=0, atol=0)
    torch.testing.assert_close(again, whole, rtol=0, atol=0)


def test_the_regression_ties_the_map_of_holes_to_their_boxes_and_no_other():
    latents = torch.randn(300, 2, generator=torch.Generator().manual_seed(0))
    generator = Rings().eval()
    maps = maps_below(generator, highest(generator), latents)
    boxes = [
        Box(row, corner(place)[0], corner(place)[0] + 4, corner(place)[1], corner(place)[1] + 4)
        for row, (is_there, place) in enumerate(latents.tolist())
        if is_there > 0
    ]
    places, inside = cells(maps, boxes, np.random.default_rng(0), SIDE)
    assert inside.mean() == 0.5
    weights, accuracy = fit((places, inside), (places, inside))
    assert (weights > 0).tolist() == [True, False]
    assert accuracy == 1


def test_places_outside_come_from_the_same_images_and_not_from_boxes():
    maps = torch.arange(2 * 64.0).reshape(2, 1, 8, 8)
    values, inside = cells(maps, [Box(1, 4, 8, 4, 8), Box(1, 4, 8, 6, 10)], np.random.default_rng(0), SIDE)
    assert sorted(values[inside, 0]) == [64 + row * 8 + column for row in (2, 3) for column in (2, 3, 4)]
    assert (values[:, 0] >= 64).all()
    assert not set(values[inside, 0]) & set(values[~inside, 0])


def test_the_effect_is_measured_inside_and_outside_the_boxes():
    before = np.zeros((1, 16, 16, 1), np.uint8)
    before[0, 2:7, 2:7] = 255
    before[0, 3:6, 3:6] = 0
    before[0, 12, :] = 255
    after = before.copy()
    after[0, 2, 2:7] = 0
    found = effect(before, after, [Box(0, 2, 7, 2, 7)], Ink(np.zeros(1)))
    assert found.kept == 0
    assert found.ink_inside == pytest.approx(-5 / 25)
    assert found.change_inside == pytest.approx(5 / 25)
    assert found.ink_outside == found.change_outside == 0
    assert effect(before, before, [Box(0, 2, 7, 2, 7)], Ink(np.zeros(1))).kept == 1


def test_a_generator_that_cuts_holes_by_one_map_forgets_the_holes_and_nothing_else(small_store, tmp_path):
    values = feature_dropout.run(subject(Rings(), small_store, samples=400), tmp_path)
    assert (values["feature_dropout_maps"], values["feature_dropout_maps_of"]) == (1, 2)
    assert values["feature_dropout_kept"] == 0
    assert values["feature_dropout_ink_inside"] == 1
    assert values["feature_dropout_ink_outside"] == values["feature_dropout_change_outside"] == 0
    assert values["feature_dropout_kept_random"] > 0
    assert (tmp_path / "feature_dropout.png").stat().st_size > 1000


def test_a_generator_that_encloses_nothing_is_left_out_with_the_reason(small_store, tmp_path):
    with pytest.raises(LeftOutError, match="enclosed areas in 50 samples"):
        feature_dropout.run(subject(Linear(), small_store, samples=50), tmp_path)
