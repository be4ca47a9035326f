"""The protocols of points: title, words, published rows and claims. `points_page.py` makes tables of them."""

from __future__ import annotations

from dataclasses import dataclass

from tables import Claim, Column

COLUMNS = (
    Column("modes", "modes", "higher", 1),
    Column("high_quality", "high quality, %", "higher", 1, "per cent"),
    Column("reverse_kl", "reverse KL", "lower", 3),
    Column("w1", "W1", "lower", 3),
    Column("w2", "W2", "lower", 3),
)


@dataclass(frozen=True)
class Protocol:
    """What stands around the table of a protocol's runs.

    Attributes:
        title: of the section; the budget is added.
        words: above the table.
        published: rows of the papers: whose, and a cell a column.
        claims: of its variants, decided over its seeds.
        shown: variants whose samples over training stand below the table.
        caption: what they show.
        slopes: variants of which the history says how steep the generator's loss was.
        matrix: its variants are pairs of an objective and a constraint.
    """

    title: str
    words: str = ""
    published: tuple[tuple[str, ...], ...] = ()
    claims: tuple[Claim, ...] = ()
    shown: tuple[str, ...] = ()
    caption: str = ""
    slopes: tuple[str, ...] = ()
    matrix: bool = False


PUBLISHED = (
    "Published rows are of 400 epochs, modes with their standard error (Lin et al. 2018, tables 1 and 2). VEEGAN's is "
    "that of Srivastava et al. 2017, whose protocol is another."
)
VEEGAN = "VEEGAN, published under its own protocol"

ONE_NUMBER = (
    "It is one number a group of four, which goes straight into the last layer, so that it adds the same to all their "
    "scores; in Karras et al. 2018 a convolution and a hidden layer come between, and a gradient penalty stands beside "
    "it. It was tried in this setting alone."
)

PACGAN = ("gan", "pacgan2", "pacgan4", "ours", "ours_light", "ours_short")
OVER_TRAINING = "Seed 0 in equal steps from before the training to its end: real points blue, generated ones orange."

OF_THE_DEFAULT_RUN = ("gan", "gan_ns", "gan_ns_r1", "lsgan", "hinge_sn", "wgan_clip", "wgan_gp", "wgan_lp",
                      "fgan_reverse_kl", "r3gan")  # fmt: skip

PROTOCOLS = {
    "points_orders": Protocol(
        "Known orders on a ring",
        "Eight modes with σ .05; the generator is the last one, not an average. `vanilla` is the non-saturating game "
        "with a momentum of .8 in Adam, under which it collapses; packing, minibatch discrimination and the deviation "
        "of minibatches stand beside it with nothing else changed. The critics take five steps, clipped to [−.1, .1] "
        "or penalised with λ = .1. `saturating` and `non_saturating` meet a discriminator of five steps at a hundred "
        "times the generator's rate, under plain descent: Adam divides a gradient by its size, so under it one that "
        "vanishes still moves.",
        claims=(
            *(
                Claim(f"{title} raises the coverage of the game that collapses", "modes", name, "vanilla", why)
                for name, title, why in (
                    ("packing2", "Packing two", ""),
                    ("packing4", "Packing four", ""),
                    ("minibatch_discrimination", "Minibatch discrimination", ""),
                    ("minibatch_std", "The deviation of minibatches", ONE_NUMBER),
                )
            ),
            Claim("The two-sided penalty is better than clipping", "w1", "wgan_gp", "wgan_clip"),
            Claim("The one-sided penalty is better than clipping", "w1", "wgan_lp", "wgan_clip"),
            Claim(
                "Against a strong discriminator the saturating game stalls; the other is better",
                "w1",
                "non_saturating",
                "saturating",
            ),
        ),
        shown=(
            "vanilla",
            "packing2",
            "packing4",
            "minibatch_discrimination",
            "minibatch_std",
            "wgan_clip",
            "wgan_gp",
            "wgan_lp",
            "saturating",
            "non_saturating",
        ),
        caption="Seed 0 before, half through and after the training: real points blue, generated ones orange.",
        slopes=("saturating", "non_saturating"),
    ),
    "points_matrix": Protocol(
        "Every objective under every constraint",
        "The ring of the default run, all at one rate and one step of the critic, so a pair that is bad here may "
        "be good at settings of its own. *Free*: no constraint; weights are those of params.yaml. Columns differ "
        "more than rows: the constraint matters more than the objective, and with every objective the least mean "
        "is that of R1, R2 or both. Under the two-sided penalty seeds of `hinge` and `wasserstein` do not find "
        "the ring at all, and with `wasserstein` clipping is better than that penalty in every seed, as in the "
        "default run: the reverse of the known order, which appears below where critics take the five steps that "
        "they want. `minimax` and `jensen_shannon` are one game up to constants, and the same numbers.",
        caption="Bright is small, three seeds a field. Real points have a W1 of .044 and a KL of .001.",
        matrix=True,
    ),
    "points_swiss_roll": Protocol(
        "Swiss roll",
        "A curve without modes, so that distances alone judge; the variants and settings are those of the default run, "
        "found on the ring. Six of ten have a W1 of .05, where real points have .035. With one step of the critic the "
        "two-sided penalty does not find the curve and is worse than a Gaussian of two moments.",
        shown=OF_THE_DEFAULT_RUN,
        caption=OVER_TRAINING,
    ),
    "points_mixture_1d": Protocol(
        "A mixture in one dimension",
        "Gaussians at −3, −1, 1 and 3 with σ .2, which hold a tenth, four, three and two tenths of the points; the "
        "variants and settings are those of the default run, found on the ring. All draw points of every mode, as a "
        "Gaussian of two moments does: quality, shares and distances tell them apart. The three critics are behind, "
        "with one step each; many spikes are narrower than the modes.",
        shown=OF_THE_DEFAULT_RUN,
        caption="Seed 0 in equal steps from before the training to its end: the data's density blue, samples orange.",
    ),
    "points_pacgan_grid": Protocol(
        "Grid",
        PUBLISHED,
        (
            ("GAN, published", "17.3 ± .8", "94.8", ".70"),
            ("ALI, published", "24.1", "95.7", ".14"),
            ("PacGAN2, published", "23.8", "91.3", ".13"),
            ("PacGAN4, published", "24.8", "93.6", ".04"),
            (VEEGAN, "24.6", "40"),
        ),
        shown=PACGAN,
        caption=OVER_TRAINING,
    ),
    "points_pacgan_ring": Protocol(
        "Ring",
        PUBLISHED,
        (
            ("GAN, published", "6.3 ± .5", "98.2", ".45"),
            ("ALI, published", "6.6", "97.6", ".36"),
            ("PacGAN2, published", "7.9", "95.6", ".07"),
            ("PacGAN4, published", "7.8", "95.9", ".07"),
            (VEEGAN, "8", "52.9"),
        ),
        shown=PACGAN,
        caption=OVER_TRAINING,
    ),
}
