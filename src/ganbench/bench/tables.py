"""Tables of what was measured, as Markdown: for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
MOST = 0.95
"""Shares of a profile are named, largest first, until this much is."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; all columns but the first are numbers."""
    ruler = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


def number(value: float) -> str:
    """Three significant digits, thousands marked."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(value: Record, mark: str = "") -> str:
    """Median (min–max)."""
    return f"{value['median']:.2f}{mark} ({value['min']:.2f}–{value['max']:.2f})"


def share(value: float) -> str:
    """In per cent."""
    return f"{value:.0%}"


def paths_table(results: Sequence[Record]) -> str:
    """A row for each variant and path."""
    head = (
        "variant",
        "path",
        "images/s",
        "to eager",
        "compile s",
        "break-even",
        "GFLOP/image",
        "D:G",
        "of products",
        "of limit",
    )
    rows = []
    for result in results:
        limit = result["limit"]
        for path, found in sorted(result["paths"].items(), key=lambda item: "to_eager" in item[1]):  # eager first
            rate, fastest = found["images_per_second"]["median"], limit["images_per_second"]
            even = found.get("break_even_rounds", 0)
            rows.append(
                (
                    f"`{result['variant']}`",
                    path,
                    number(rate),
                    spread(found["to_eager"], "×") if "to_eager" in found else "–",
                    number(found["prepare_seconds"]) if path != "eager" else "–",
                    "never" if even is None else f"{even:,} rounds" if even else "–",
                    number(limit["gflop_per_image"]),
                    result["d_to_g"],
                    share(rate * limit["products_seconds"] / limit["images"]),
                    share(rate / fastest),
                )
            )
    return table(head, rows)


def peers_table(results: Sequence[Record]) -> str:
    """A row for each workload: the three columns, and end to end."""
    head = ("workload", "peer images/s", "A", "B", "C", "end to end")
    rows = [
        (
            f"{result['peer']}: {result['workload']}, D:G {result['d_to_g']}",
            number(result["images_per_second"]["peer"]["median"]),
            *(spread(result["columns"][column]["ratio"], "×") for column in ("a", "b", "c", "end_to_end")),
        )
        for result in results
    ]
    return table(head, rows)


def flags_table(results: Sequence[Record]) -> str:
    """Which flags won column C."""
    rows = [(result["workload"], result["columns"]["c"]["ours"], result["columns"]["c"]["peer"]) for result in results]
    return table(("workload", "ours", "peer"), rows)


def limits_table(results: Sequence[Record]) -> str:
    """How near our step is to the machine's limit, and where both sides spend their time."""
    head = (
        "workload",
        "ours GFLOP/image",
        "peer's",
        "of products",
        "of limit",
        "A could be",
        "ours: where the time goes",
        "peer's",
    )
    rows = [
        (
            result["workload"],
            number(result["limit"]["gflop_per_image"]),
            number(result["peer_gflop_per_image"]),
            share(result["limit"]["share_of_products"]),
            share(result["limit"]["share"]),
            f"{result['columns']['a']['ratio']['median'] / result['limit']['share_of_products']:.2f}×",
            profile(result["profile"]),
            profile(result["peer_profile"]),
        )
        for result in results
    ]
    return table(head, rows)


def profile(shares: Mapping[str, float]) -> str:
    """The largest shares in words."""
    named, total = [], 0.0
    for name, value in sorted(shares.items(), key=lambda item: -item[1]):
        if total >= MOST or value < 0.01:
            break
        named.append(f"{name} {value:.0%}")
        total += value
    return ", ".join(named)


def _speed_of(result: Record) -> str:
    """Images a second and their range over processes; nothing where none were counted."""
    if "images_per_second" not in result:
        return ""
    found = result["images_per_second_spread"]
    return f"{number(result['images_per_second'])} images/s ({number(found['min'])}–{number(found['max'])})"


def scale_table(results: Sequence[Record]) -> str:
    """A row for each axis and size."""
    rows = [
        (
            result["what"],
            f"{result['times']}×",
            f"{result['value']:,}",
            _speed_of(result),
            f"{result['seconds']:.2f} s"
            if "seconds" in result and result["what"].startswith(("dvc", "ganbench", "prepare"))
            else "",
            f"{result['peak_mb']:,.0f}",
        )
        for result in results
    ]
    return table(("what", "size", "value", "speed", "time", "peak MiB"), rows)


def overhead_table(results: Sequence[Record]) -> str:
    """A row for each stage of a cell."""
    rows = []
    for result in results:
        for stage, found in sorted(result["stages"].items(), reverse=True):  # the order in which they run
            rows.append(
                (
                    stage,
                    spread(found["seconds"], " s"),
                    spread(found["cpu_seconds"], " s"),
                    f"{found['import_seconds']:.2f} s",
                    _warm(result, stage),
                )
            )
        rows.append(("together", spread(result["total"], " s"), "", "", _warm(result, "total")))
    return table(("stage", "the whole process", "CPU time", "of it imports", "started warm"), rows)


def _warm(result: Record, stage: str) -> str:
    return spread(result["warm"][stage], " s") if result["warm"] else "–"


def curves_table(results: Sequence[Record]) -> str:
    """A row for each variant: its training, and what its learning curve adds."""
    head = ("variant", "moments", "training", "snapshots", "metrics", "of the training", "by CPU time")
    rows = [
        (
            f"`{result['variant']}`",
            str(result["moments"]),
            f"{result['train']['seconds'] - result['snapshots']['seconds']:.1f} s",
            f"{result['snapshots']['seconds']:.2f} s",
            f"{result['metrics']['seconds']:.2f} s",
            f"{result['share']:.1%}",
            f"{result['cpu_share']:.1%}",
        )
        for result in results
    ]
    return table(head, rows)


def allocator_table(results: Sequence[Record]) -> str:
    """A row for each training: with memory kept to without."""
    rows = [
        (
            f"`{result['variant']}`, {result['resolution']} px, batch {result['batch']}",
            str(result["threads"]),
            number(result["images_per_second"]["plain"]["median"]),
            number(result["images_per_second"]["kept"]["median"]),
            spread(result["images_per_second"]["ratio"], "×"),
            spread(result["images_per_cpu_second"]["ratio"], "×"),
            f"{result['peak_mb_plain']:,.0f} → {result['peak_mb_kept']:,.0f}",
        )
        for result in results
    ]
    head = ("training", "threads", "images/s", "memory kept", "ratio", "ratio by CPU time", "peak MiB")
    return table(head, rows)


def metrics_table(results: Sequence[Record]) -> str:
    """A row for each metric: ours, and torch-fidelity's where it has it."""
    rows = []
    for result in results:
        ours, theirs = result["ours"], result.get("torch_fidelity")
        rows.append(
            (
                result["metric"],
                f"{result['count']:,} × {result['width']:,}",
                f"{ours['seconds']:.1f} s",
                f"{ours['cpu_seconds']:.1f} s",
                f"{ours['peak_mb'] / 1024:.2f}",
                f"{theirs['seconds']:.1f} s" if theirs else "–",
                f"{theirs['peak_mb'] / 1024:.2f}" if theirs else "–",
            )
        )
    head = ("metric", "features a side", "ours", "CPU time", "peak GiB", "torch-fidelity", "peak GiB")
    return table(head, rows)


TABLES = {
    "paths": (paths_table,),
    "peers": (peers_table, flags_table, limits_table),
    "translations": (peers_table, flags_table, limits_table),
    "scale": (scale_table,),
    "overhead": (overhead_table,),
    "curves": (curves_table,),
    "allocator": (allocator_table,),
    "metrics": (metrics_table,),
}
