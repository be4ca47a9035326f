"""Hand results on to other machines through DVC's remote."""

from __future__ import annotations

from ganbench.errors import BenchError
from ganbench.scaling.dvc import ask


def push() -> int:
    """``dvc push --run-cache``, and the metrics with it, so that no stage is run again where they are pulled.

    DVC knows a finished stage by an entry of its run-cache, and takes it over if all outputs come along. Its own push
    leaves out those with ``cache: false``, which git keeps: a machine that pulls before anything was committed would
    compute them again, and all else that their stages write.

    Returns:
        how many such outputs there are.

    Raises:
        BenchError: no remote, or it can't be reached.
    """
    ask("push", "--run-cache")
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo, repo.lock:
            small = {out.hash_info for out in repo.index.outs if not out.use_cache and out.hash_info}
            failed = repo.cloud.push(small).failed
    except DvcException as error:
        raise BenchError(f"dvc push: {error}") from None
    if failed:
        raise BenchError(f"dvc push: {len(failed)} metrics could not be pushed; `dvc doctor` and the remote say why")
    return len(small)
