import numpy as np
import pytest
import torch
from hand_made import Linear, subject

from ganbench.exploration import walk
from ganbench.exploration.walk import POINTS, STEPS, closed_walk, largest_steps


def test_a_walk_passes_through_its_nine_points_and_comes_back():
    points = torch.randn(9, 30)
    path = closed_walk(points, 10)
    assert path.shape == (9, 10, 30)
    torch.testing.assert_close(path[:, 0], points, rtol=0, atol=0)
    torch.testing.assert_close(path[:, -1], torch.cat([points[1:], points[:1]]), rtol=0, atol=0)


def test_steps_are_equal_angles_on_the_plane_of_both_points():
    points = torch.tensor([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]], dtype=torch.float64)
    path = closed_walk(points, 7)[0]
    angles = torch.atan2(path[:, 1], path[:, 0])
    torch.testing.assert_close(angles, torch.linspace(0, torch.pi / 2, 7, dtype=torch.float64), rtol=0, atol=1e-6)
    torch.testing.assert_close(path.norm(dim=1), torch.full((7,), 2.0, dtype=torch.float64), rtol=0, atol=1e-6)


def test_an_even_change_has_steps_of_a_ninth_and_a_jump_is_one_step():
    even = np.arange(0, 250, 25, dtype=np.uint8).reshape(1, 10, 1, 1, 1) * np.ones((1, 1, 4, 4, 1), np.uint8)
    jump = np.where(even > 100, 255, 0).astype(np.uint8)
    still = np.zeros_like(even)
    assert largest_steps(np.concatenate([even, jump, still])).tolist() == pytest.approx([1 / 9, 1, 0])


def test_the_picture_of_a_walk_is_written_and_is_the_same_again(small_store, tmp_path):
    values = [walk.run(subject(Linear(), small_store), tmp_path)]
    before = (tmp_path / "walk.png").read_bytes()
    values.append(walk.run(subject(Linear(), small_store), tmp_path))
    assert (tmp_path / "walk.png").read_bytes() == before
    assert values[0] == values[1]
    assert 1 / (STEPS - 1) <= values[0]["walk_largest_step"] < 0.3
    assert POINTS == 9
