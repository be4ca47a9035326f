"""params.yaml, typed and validated; nothing else reads the YAML.

The names that a variant uses (its network, objective, …) are checked one level up, where the entries live:
``ganbench.games.recipe``.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ganbench.errors import BenchError

FILE = "params.yaml"
RESOLUTIONS = (16, 32, 64, 128, 256)
RESERVED = ("judge", "floor", "real", "gaussian", "ceiling", "identity")
UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")  # pydantic's words for it


class Choice(BaseModel):
    """An entry of an axis: its name and its options (a mapping, or one value for its first option)."""

    model_config = ConfigDict(frozen=True)

    name: str
    options: Any = None


def _choice(value: Any) -> Any:
    """``dcgan`` or ``{dcgan: {width: 64}}`` → Choice."""
    if isinstance(value, Choice):
        return value
    if isinstance(value, str):
        return Choice(name=value)
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value)), str):
        return Choice(name=next(iter(value)), options=next(iter(value.values())))
    raise ValueError("expected a name, or a mapping of one name to its options")


def _choices(value: Any) -> Any:
    """``{gradient_penalty: 10.0}`` → (Choice, …), in the order written; nothing → ()."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return tuple(Choice(name=name, options=options) for name, options in value.items())
    raise ValueError("expected a mapping of names to their options")


def _optimizer(value: Any) -> Any:
    """``{name: rmsprop, lr: 5.0e-5}`` → Choice; the name defaults to adam."""
    if isinstance(value, Choice):
        return value
    if isinstance(value, dict):
        options = {key: option for key, option in value.items() if key != "name"}
        if not isinstance(name := value.get("name", "adam"), str):
            raise ValueError("expected the optimiser's name to be a string")
        return Choice(name=name, options=options)
    raise ValueError("expected a mapping such as {name: adam, lr: 2.0e-4}")


def _axis(name: str, parse: Any) -> Any:
    """A marker stands in the type's schema: ``ganbench schema``, which knows the entries, replaces it."""
    return [BeforeValidator(parse), WithJsonSchema({"axis": name})]


Seed = Annotated[int, Field(ge=0, lt=2**63)]
"""What PyTorch takes."""
Network = Annotated[Choice, *_axis("network", _choice)]
Objective = Annotated[Choice, *_axis("objective", _choice)]
Condition = Annotated[Choice, *_axis("condition", _choice)]
Constraints = Annotated[tuple[Choice, ...], *_axis("constraint", _choices)]
Tricks = Annotated[tuple[Choice, ...], *_axis("trick", _choices)]
Optimizer = Annotated[Choice, *_axis("optimizer", _optimizer)]
Dataset = Annotated[Choice, *_axis("dataset", _choice)]
Task = Annotated[Choice, *_axis("task", _choice)]
Translator = Annotated[Choice, *_axis("translator", _choice)]
Patches = Annotated[Choice, *_axis("patches", _choice)]
TranslationGame = Annotated[Choice, *_axis("game", _choice)]
Extractor = Annotated[Choice, *_axis("extractor", _choice)]


class Strict(BaseModel):
    """A mapping of params.yaml: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Variant(Strict):
    """A named, declared GAN: one value on each axis."""

    network: Network
    objective: Objective
    constraint: Constraints = ()
    tricks: Tricks = ()
    condition: Condition = Choice(name="none")
    critic_steps: PositiveInt = Field(1, description="discriminator steps in a row, each on a new batch")
    generator_steps: PositiveInt = Field(1, description="generator steps in a row, after those of the discriminator")
    optimizer: Optimizer = Choice(name="adam", options={})


class Prepare(Strict):
    """How raw images become the packed store."""

    filter: Literal["lanczos", "bicubic", "bilinear", "hamming", "box", "nearest"] = "lanczos"
    test_share: float = Field(0.25, gt=0, lt=1, description="held out where the source has no test split of its own")
    split_seed: Seed = 0
    max_unreadable: float = Field(0.01, ge=0, le=1, description="share of unreadable images beyond which prepare stops")
    near_duplicates: Literal["keep", "drop"] = Field(
        "keep", description="drop: of training images with equal autoencoder codes one stays (DCGAN, section 4.1.1)"
    )
    celeba_label: str = Field("Smiling", description="the attribute that is the label (celeba)")
    lsun_category: str = Field("bedroom", description="the category whose LMDB is read (lsun)")


class Judge(Strict):
    """The classifier trained on the real data."""

    epochs: PositiveInt = 30
    batch_size: PositiveInt = 64
    lr: PositiveFloat = 2e-3
    width: PositiveInt = Field(32, description="channels of the first convolution")
    seed: Seed = 0


class Training(Strict):
    """What all variants of the track share while they train."""

    batch_size: PositiveInt = 64
    precision: Literal["fp32", "bf16"] = "fp32"
    log_every_kimg: PositiveFloat = Field(2, description="thousand real images between readings of the losses")
    pictures: PositiveInt = Field(10, description="fixed-noise grids drawn over the course of training")
    snapshots: NonNegativeInt = Field(
        8,
        description="moments at which the generator is kept, evenly spaced, the end included: learning curves are "
        "measured there; 0: none",
    )


class Sample(Strict):
    """What the sample stage draws."""

    count: PositiveInt = 2000
    seed: Seed = Field(0, description="of the latents; a cell's own seed is added to it")
    interpolations: PositiveInt = Field(8, description="rows of walks between two latents")
    interpolation_steps: int = Field(10, ge=2)


class Pupil(Strict):
    """The small classifiers that are taught from generated images in the place of real ones."""

    width: PositiveInt = Field(8, description="channels of the first convolution")
    steps: PositiveInt = Field(120, description="batches of 64 images, whatever the number of images")


class Evaluate(Strict):
    """The protocol of the metrics."""

    samples: PositiveInt = Field(10_000, description="at most; sample.count and `bound` are the other bounds")
    bound: Literal["held_out", "training"] = Field(
        "held_out",
        description="the split that bounds the images on each side; training: as published protocols, with a floor of "
        "fewer images where fewer are held out",
    )
    neighbours: PositiveInt = Field(5, description="k of precision, recall, density and coverage")
    seed: Seed = 0
    extractor: Extractor = Choice(name="judge")
    curve_samples: PositiveInt = Field(1000, description="images drawn from each snapshot, at most")
    pupil: Pupil = Pupil()


def _power_of_two(value: int) -> int:
    if value not in RESOLUTIONS:
        raise ValueError(f"allowed: {', '.join(map(str, RESOLUTIONS))}")
    return value


def _variant_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise ValueError(
            "a variant's name is made of a-z, 0-9 and _, and begins with a letter "
            "(a hyphen could merge two cells of the pipeline)"
        )
    if value in RESERVED:
        raise ValueError(f"a variant may not be called {', '.join(RESERVED)}: results of that name stand beside it")
    return value


def _unique(value: list[int]) -> list[int]:
    if len(set(value)) != len(value):
        raise ValueError("each seed may stand there once")
    return value


def _unique_names(value: list[str]) -> list[str]:
    if len(set(value)) != len(value):
        raise ValueError("each variant may stand there once")
    return value


class Explore(Strict):
    """What the stage `explore` tries with trained cells: the experiments of Radford et al. 2016."""

    variants: Annotated[list[str], AfterValidator(_unique_names)] = Field(
        [], description="declared variants with a convolutional network; their cells of all seeds are explored"
    )
    samples: PositiveInt = Field(2000, description="latents among which concepts and enclosed areas are looked for")
    labelled: PositiveInt = Field(1000, description="training images that the linear SVM is shown; at most")
    seed: Seed = 0


class Range(Strict):
    """The values that `ganbench search` tries at one key of a variant: exactly one of these."""

    log: list[PositiveFloat] | None = Field(None, min_length=2, max_length=2, description="bounds, log-uniform between")
    uniform: list[float] | None = Field(None, min_length=2, max_length=2, description="bounds, uniform between")
    integer: list[int] | None = Field(None, min_length=2, max_length=2, description="bounds, both of them included")
    choice: list[Any] | None = Field(None, min_length=1, description="the values themselves")

    @model_validator(mode="after")
    def _one_kind(self) -> Range:
        kinds = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(kinds) != 1:
            raise ValueError("expected one of log, uniform, integer, choice")
        bounds = getattr(self, kinds[0])
        if kinds[0] != "choice" and not bounds[0] < bounds[1]:
            raise ValueError(f"{kinds[0]}: the lower bound has to come first, and to be less")
        return self


Search = Annotated[
    dict[str, dict[str, Range]],
    Field(description="by variant, then by key inside it such as optimizer.lr: what `ganbench search` tries"),
]


class Images(Strict):
    """The track noise → image."""

    dataset: str = Field("digits", pattern=r"^[A-Za-z0-9_]+$", description="a known source or a folder under data/raw/")
    resolution: Annotated[int, AfterValidator(_power_of_two), WithJsonSchema({"enum": list(RESOLUTIONS)})] = 16
    channels: Literal[1, 3] = 1
    prepare: Prepare = Prepare()
    judge: Judge = Judge()
    budget_kimg: PositiveFloat = Field(200, description="thousand real images shown to the discriminator")
    training: Training = Training()
    sample: Sample = Sample()
    evaluate: Evaluate = Evaluate()
    explore: Explore = Explore()
    search: Search = {}
    variants: dict[Annotated[str, AfterValidator(_variant_name)], Variant] = Field(min_length=1)


class PointsTraining(Strict):
    """What all variants of the track `points` share while they train."""

    batch_size: PositiveInt = 256
    pool: PositiveInt | None = Field(
        None, description="points drawn once and shuffled every epoch, as published tables do; null: every batch is new"
    )
    log_every_kpoints: PositiveFloat = Field(12.8, description="thousand real points between rows of the history")
    pictures: PositiveInt = Field(8, description="moments of the training that film, strip and learning curve show")
    path: Literal["eager", "compiled"] = Field(
        "eager", description="compiled: faster after compiling, for long trainings; not with losses that draw numbers"
    )


class PointsEvaluate(Strict):
    """The protocol of the metrics of points."""

    samples: PositiveInt = Field(2500, description="drawn from each generator, and as many real points to compare with")
    curve_samples: int = Field(400, ge=1, le=1000, description="points of each moment of a learning curve, at most")
    seed: Seed = Field(0, description="of the real points; of the latents, with a cell's own seed added to it")


class Points(Strict):
    """The track noise → point: distributions whose density is known."""

    dataset: Dataset = Choice(name="ring")
    budget_kpoints: PositiveFloat = Field(512, description="thousand real points shown to the discriminator")
    training: PointsTraining = PointsTraining()
    evaluate: PointsEvaluate = PointsEvaluate()
    search: Search = {}
    variants: dict[Annotated[str, AfterValidator(_variant_name)], Variant] = Field(min_length=1)


class TranslationVariant(Strict):
    """A named, declared translation: one value on each axis."""

    game: TranslationGame = Field(description="paired, cycle or disco; its options weigh the losses")
    network: Translator = Field(description="of each generator: image → image")
    discriminator: Patches = Choice(name="patch")
    objective: Objective
    constraint: Constraints = ()
    tricks: Tricks = ()
    optimizer: Optimizer = Choice(name="adam", options={})


class TranslationTraining(Strict):
    """What all variants of the track `translation` share while they train."""

    batch_size: PositiveInt = 16
    precision: Literal["fp32", "bf16"] = "fp32"
    log_every_kimg: PositiveFloat = Field(1, description="thousand real images between readings of the losses")
    pictures: PositiveInt = Field(8, description="grids of the same inputs drawn over the course of training")
    snapshots: NonNegativeInt = Field(
        8,
        description="moments at which the generator from A to B is kept, evenly spaced, the end included: learning "
        "curves are measured there; 0: none",
    )


class TranslationEvaluate(Strict):
    """The protocol of the metrics of translations."""

    samples: PositiveInt = Field(1000, description="held-out images translated; at most")
    lpips: str | None = Field(None, description="folder with the weights of LPIPS; null: the metric is left out")
    seed: Seed = 0


class Translation(Strict):
    """The track image → image: pairs, or two domains."""

    dataset: str = Field("shapes", pattern=r"^[A-Za-z0-9_]+$", description="a known source or a folder under data/raw/")
    task: Task = Field(Choice(name="edges"), description="how two domains come of the data set")
    limit: int | None = Field(None, ge=4, description="images of the data set that are used, at most; null: all")
    resolution: Annotated[int, AfterValidator(_power_of_two), WithJsonSchema({"enum": list(RESOLUTIONS)})] = 32
    channels: Literal[1, 3] = Field(3, description="of both domains, unless the data set makes one of them grey")
    prepare: Prepare = Prepare()
    judge: Judge = Judge()
    budget_kimg: PositiveFloat = Field(20, description="thousand real images shown to the discriminator of B")
    training: TranslationTraining = TranslationTraining()
    evaluate: TranslationEvaluate = TranslationEvaluate()
    search: Search = {}
    variants: dict[Annotated[str, AfterValidator(_variant_name)], TranslationVariant] = Field(min_length=1)


class Engine(Strict):
    """How to compute; how often to save does not change what comes out."""

    path: Literal["auto", "eager", "compiled", "captured"] = Field(
        "auto", description="of images and translation; captured: in CUDA graphs, on a GPU; auto: eager"
    )
    memory_format: Literal["channels_last", "contiguous"] = Field(
        "channels_last",
        description="of images and of convolutions' weights; on a CPU contiguous pays where wide networks normalise "
        "instances, as those of pix2pix at 256 pixels and CycleGAN at 128",
    )
    processes: PositiveInt = Field(1, description="processes that share the batch of one cell, each with its device")
    checkpoint_seconds: PositiveFloat = Field(60, description="between checkpoints of a training")


class Params(Strict):
    """The whole of params.yaml."""

    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto: CUDA when there, else CPU")
    seeds: Annotated[list[Seed], AfterValidator(_unique)] = Field([0], min_length=1)
    engine: Engine = Engine()
    images: Images
    points: Points | None = Field(None, description="the track `points`; null: it is left out")
    translation: Translation | None = Field(None, description="the track `translation`; null: it is left out")


def load(path: Path | str = FILE) -> Params:
    """Read and validate params.yaml.

    Raises:
        BenchError: one line per problem: file, key, value and what is allowed.
    """
    return validate(read(path), path)


def read(path: Path | str) -> dict[str, Any]:
    """A YAML file with sections of params.yaml, not validated.

    Raises:
        BenchError: it is not there, not YAML, or no mapping.
    """
    path = Path(path)
    try:
        values = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; run from the root of a ganbench project") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise BenchError(f"{path}: not readable as YAML: {_one_line(error)}") from None
    if not isinstance(values, dict):
        raise BenchError(f"{path}: expected a mapping with the keys {', '.join(Params.model_fields)}")
    return values


def validate(values: dict[str, Any], file: Path | str) -> Params:
    """The sections of params.yaml as they are read from a file.

    Raises:
        BenchError: one line per problem: file, key, value and what is allowed.
    """
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        raise BenchError("\n".join(explain(error, Params, str(file)))) from None


def explain(error: ValidationError, model: Any, file: str, prefix: tuple[str, ...] = ()) -> Iterator[str]:
    """One line per problem that pydantic found in `model`, located below `prefix` in `file`."""
    misspelt = [problem["loc"][:-1] for problem in error.errors() if problem["type"] in UNKNOWN_KEY]
    for problem in error.errors():
        loc = tuple(part for part in problem["loc"] if part != "[key]")
        key = ".".join(map(str, (*prefix, *loc)))
        match problem["type"]:
            case kind if kind in UNKNOWN_KEY:
                yield f"{file}: {key}: {unknown('key', str(loc[-1]), _fields_at(model, loc[:-1]))}"
            case "missing" | "missing_argument":
                if loc[:-1] not in misspelt:  # else it most likely stands there under a wrong name
                    yield f"{file}: {key}: this key is required"
            case _:
                message = problem["msg"].removeprefix("Value error, ")
                yield f"{file}: {key}: {_short(problem['input'])}: {message[0].lower()}{message[1:]}"


def unknown(kind: str, name: str, allowed: Iterable[str]) -> str:
    """«unknown key 'lrr' (did you mean 'lr'?); allowed: betas, lr»."""
    names = list(allowed)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"unknown {kind} {name!r}{hint}; allowed: {', '.join(sorted(names)) or 'none'}"


def _fields_at(model: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the model allows at a location."""
    for part in loc:
        fields = getattr(model, "model_fields", None)
        model = _present(fields[part].annotation if fields is not None else typing.get_args(model)[-1])
    fields = getattr(model, "model_fields", None) or getattr(model, "__dataclass_fields__", {})
    return list(fields)


def _present(annotation: Any) -> Any:
    """Of a section that may be null: what it is where it is not."""
    parts = typing.get_args(annotation)
    return next(part for part in parts if part is not NoneType) if NoneType in parts else annotation


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
