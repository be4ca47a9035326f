import io
import shutil
from pathlib import Path

import pytest
from fabricated import Project
from PIL import Image

from ganbench.reporting.report import write


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Project]:
    """The class to fabricate a project with, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return Project


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are not drawn but a white pixel each: for tests of what stands beside them."""
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(buffer, "PNG")
    monkeypatch.setattr("ganbench.reporting.figures.render", lambda theme, draw: buffer.getvalue())


@pytest.fixture(scope="session")
def finished_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a project with a report: three variants, three seeds, one seed of dcgan and all of wgan failed.

    The files of a variant that was removed from params.yaml are still there. Read it, do not change it.
    """
    root = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        seeds, variants = [0, 1, 2], ["gan_ns", "dcgan", "wgan"]
        diverged = {("dcgan", 0), *(("wgan", seed) for seed in seeds)}
        params = Project(seeds, variants, diverged).write()
        for stale in ("removed", "dcgan_old"):
            shutil.copytree("runs/images/gan_ns", f"runs/images/{stale}")
            shutil.copytree("results/metrics/images/gan_ns", f"results/metrics/images/{stale}")
        write(params)
    return root
