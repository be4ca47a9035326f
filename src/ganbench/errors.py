"""What a user did wrong, said in one line."""

import click


class BenchError(click.ClickException):
    """Bad input: one clear line on stderr and exit status 1, never a traceback.

    The message names the file, the key or path, the value, and what is allowed.
    """
