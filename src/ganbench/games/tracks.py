"""What the tracks have in common: from (track, variant) to shape and recipe."""

from __future__ import annotations

from ganbench.data.points.source import PointSource, open_points
from ganbench.errors import BenchError
from ganbench.games.recipe import Recipe, check_batch, check_variants, image_recipe, image_shape, recipe
from ganbench.games.translation.recipe import check_translation_variants
from ganbench.networks.network import PointShape, Shape
from ganbench.params import FILE, Params, Points


def points_of(params: Params) -> Points:
    """The section `points` of params.yaml.

    Raises:
        BenchError: there is none.
    """
    if params.points is None:
        raise BenchError(f"{FILE}: points: missing; the track needs a dataset and variants")
    return params.points


def source_of(params: Params) -> PointSource:
    """The distribution of the track `points`.

    Raises:
        BenchError: it is not known, or has no such options.
    """
    return open_points(points_of(params).dataset)


def shape_of(track: str, params: Params) -> Shape:
    """The shape of a track's samples."""
    return PointShape(source_of(params).dim) if track == "points" else image_shape(params)


def recipe_of(track: str, variant: str, params: Params) -> Recipe:
    """The recipe of a variant.

    Raises:
        BenchError: as `recipe`.
    """
    if track != "points":
        return image_recipe(params, variant)
    points, where = points_of(params), f"points.variants.{variant}"
    found = recipe(points.variants[variant], shape_of(track, params), where)
    check_batch(found, points.training.batch_size, where)
    return found


def batch_size(track: str, params: Params) -> int:
    """Real samples in a batch of a track."""
    size: int = getattr(params, track).training.batch_size
    return size


def check_tracks(params: Params) -> None:
    """Refuse any declared variant of any track that can't be built or trained.

    Raises:
        BenchError: for the first one.
    """
    check_variants(params)
    if params.points is not None:
        _check_points(params, params.points)
    check_translation_variants(params)


def _check_points(params: Params, points: Points) -> None:
    size, pool = points.training.batch_size, points.training.pool
    source_of(params)
    if pool is not None and pool < size:
        raise BenchError(f"{FILE}: points.training.pool: {pool}: less than a batch; allowed: at least {size}, or null")
    for name in points.variants:
        needed = recipe_of("points", name, params).critic_steps * size
        if needed > points.budget_kpoints * 1000:
            raise BenchError(
                f"{FILE}: points.budget_kpoints: {points.budget_kpoints:g}: one round of {name} takes {needed} real "
                f"points; allowed: at least {needed / 1000:g}"
            )
