"""Stage `check`: all of params.yaml and the raw files it names → data/source.json and data/translation.json."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench import params
from ganbench.data import check
from ganbench.outputs import write_json


@click.command()
def main() -> None:
    """Refuse what cannot work before any work is done."""
    from ganbench.data.translation.prepare import TRANSLATION_FILE, described
    from ganbench.exploration.check import check_exploration
    from ganbench.games.recipe import check_conditions
    from ganbench.games.tracks import check_tracks
    from ganbench.search.space import check_search

    declared = params.load()
    check_tracks(declared)
    check_exploration(declared)
    check_search(declared)
    found, source = check.find_source(declared)
    check_conditions(declared, source)
    check.write(found)
    write_json(TRANSLATION_FILE, described(declared))


if __name__ == "__main__":
    main()
