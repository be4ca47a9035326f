"""How near the judged images are to the training images: beside held-out real images, a sign of copying."""

from __future__ import annotations

import numpy as np

from ganbench.evaluation.metric import Evidence, Gives, metric


@metric(nn_pixel=Gives(), nn_feature=Gives("extractor"))
def nearest_training_images(evidence: Evidence) -> dict[str, float]:
    """``nn_pixel_{n}``, ``nn_feature_{n}``: the median distance from a judged image to the nearest training image.

    In pixels, the root mean square difference in grey levels, 0 to 255; in features, Euclidean. Only relative to the
    floor does it mean something: held-out real images are as near as an image can be without being a copy.
    """
    by = "" if evidence.extractor == "judge" else f"_{evidence.extractor}"
    names = {"feature": f"feature{by}"}
    return {
        f"nn_{names.get(space, space)}_{evidence.n}": float(np.median(found.distances[:, 0]))
        for space, found in evidence.nearest.items()
    }
