import json
import math
import multiprocessing
from pathlib import Path

import pytest

from ganbench.errors import BenchError
from ganbench.params import Range
from ganbench.search.study import Study

SPACE = {
    "lr": Range(log=[1e-4, 1e-2]),
    "momentum": Range(uniform=[-1.0, 1.0]),
    "steps": Range(integer=[1, 4]),
    "betas": Range(choice=[[0.0, 0.9], [0.5, 0.999], None]),
}


def open_study(folder: Path, **options) -> Study:
    return Study(folder, SPACE, {"declared": options.pop("declared", 1)}, options.pop("maximise", False), **options)


def work(study: Study, trials: int, stop_at: int | None = None) -> list[dict]:
    """Run trials whose result is the momentum; abandon one on the way."""
    values = []
    while True:
        with study.take(trials) as trial:
            if trial is None or trial.number == stop_at:
                return values
            study.tell(trial, trial.values["momentum"])
            values.append(trial.values)


def test_draws_stay_in_their_ranges(tmp_path):
    for values in work(open_study(tmp_path, sampler="random"), 25):
        assert 1e-4 <= values["lr"] <= 1e-2
        assert values["steps"] in (1, 2, 3, 4)
        assert values["betas"] in ([0.0, 0.9], [0.5, 0.999], None)


def test_draws_on_a_logarithmic_scale_have_a_logarithm_that_is_uniform(tmp_path):
    drawn = [math.log10(values["lr"]) for values in work(open_study(tmp_path, sampler="random"), 60)]
    assert abs(sum(drawn) / 60 + 3) < 4 * 2 / math.sqrt(12 * 60)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_search_that_was_stopped_and_goes_on_draws_what_one_in_one_go_draws(tmp_path, sampler):
    at_once = work(open_study(tmp_path / "a", sampler=sampler), 14)
    first = work(open_study(tmp_path / "b", sampler=sampler), 14, stop_at=11)
    assert len(first) == 11
    assert first + work(open_study(tmp_path / "b", sampler=sampler), 14) == at_once


def test_an_abandoned_trial_is_taken_up_again_with_its_values(tmp_path):
    study = open_study(tmp_path)
    with study.take(3) as left:
        assert left.number == 0
    with open_study(tmp_path).take(3) as again:
        assert (again.number, again.values) == (left.number, left.values)


def test_a_trial_in_other_hands_is_left_alone(tmp_path):
    study = open_study(tmp_path)
    with study.take(2) as mine, open_study(tmp_path).take(2) as other:
        assert {mine.number, other.number} == {0, 1}
        with open_study(tmp_path).take(2) as nothing:
            assert nothing is None


def test_as_many_trials_as_asked_for_are_made_in_all(tmp_path):
    assert len(work(open_study(tmp_path), 3)) == 3
    assert work(open_study(tmp_path), 3) == []
    assert len(work(open_study(tmp_path), 5)) == 2


def test_other_declarations_ranges_or_samplers_are_other_searches(tmp_path):
    keys = {open_study(tmp_path).key, open_study(tmp_path, declared=2).key, open_study(tmp_path, seed=1).key,
            open_study(tmp_path, sampler="random").key}  # fmt: skip
    assert len(keys) == 4
    work(open_study(tmp_path), 2)
    assert open_study(tmp_path, declared=2).trials() == []
    assert open_study(tmp_path).key == open_study(tmp_path).key


def test_a_diverged_trial_is_the_worst_and_never_the_best(tmp_path):
    study = open_study(tmp_path)
    for value in (None, 5.0, 3.0, None, 3.0):
        with study.take(9) as trial:
            study.tell(trial, value)
    assert [trial.diverged for trial in study.trials()] == [True, False, False, True, False]
    assert study.best().number == 2


def test_where_more_is_better_the_largest_is_the_best(tmp_path):
    study = open_study(tmp_path, maximise=True)
    for value in (1.0, 7.0, None):
        with study.take(9) as trial:
            study.tell(trial, value)
    assert study.best().value == 7
    assert study.trials()[2].value == -math.inf


def test_the_estimators_find_better_values_than_chance(tmp_path):
    best = {name: [] for name in ("tpe", "random")}
    for name, found in best.items():
        for seed in range(2):
            study = open_study(tmp_path / f"{name}{seed}", sampler=name, seed=seed)
            for _ in range(25):
                with study.take(25) as trial:
                    study.tell(trial, abs(trial.values["momentum"] - 0.3) + abs(math.log10(trial.values["lr"]) + 3))
            found.append(sorted(one.value for one in study.trials())[:10])
    mean = {name: sum(map(sum, found)) for name, found in best.items()}
    assert mean["tpe"] < mean["random"]


def test_a_damaged_journal_is_refused_by_its_name(tmp_path):
    (tmp_path / "trials.log").write_text("{\n{}\n", encoding="utf-8")
    with pytest.raises(BenchError, match=r"trials\.log: not a journal of Optuna"):
        open_study(tmp_path)


def _worker(folder: str, out: str) -> None:
    found = work(open_study(Path(folder)), 8)
    Path(out).write_text(json.dumps(found), encoding="utf-8")


def test_several_processes_share_the_trials(tmp_path):
    open_study(tmp_path / "study")
    context = multiprocessing.get_context("fork")
    outs = [tmp_path / f"{index}.json" for index in range(2)]
    workers = [context.Process(target=_worker, args=(str(tmp_path / "study"), str(out))) for out in outs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(len(json.loads(out.read_text())) for out in outs) == 8
    assert [trial.number for trial in open_study(tmp_path / "study").trials()] == list(range(8))
