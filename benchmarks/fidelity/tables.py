"""The tables of README.md and docs/results.md: settings, words, columns and claims. `table.py` writes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from page import RESULTS_PAGE, ROOT

README = ROOT / "README.md"


@dataclass(frozen=True)
class Column:
    """A metric of a table.

    Attributes:
        metric: the beginning of its name, up to the number of images.
        title: over the column.
        better: «lower», «higher», or «» where neither is.
        digits: after the point.
        shown_as: «error»: of an accuracy, in per cent; «per cent»: a share; «count»: how many of the seeds, where each
            has 0 or 1.
    """

    metric: str
    title: str
    better: str
    digits: int = 3
    shown_as: str = ""

    @property
    def head(self) -> str:
        """The title with an arrow in the direction of what is better."""
        return self.title + {"lower": " ↓", "higher": " ↑", "": ""}[self.better]


@dataclass(frozen=True)
class Claim:
    """That one variant beats another by a metric."""

    says: str
    metric: str
    winner: str
    loser: str
    otherwise: str = ""
    """Said where it does not hold: why that is."""


@dataclass(frozen=True)
class Shown:
    """A picture below a table.

    Attributes:
        words: what it shows.
        cells: the variants and seeds whose pictures stand beside each other.
        picture: of each.
    """

    words: str
    cells: tuple[tuple[str, int], ...]
    picture: str = "grid"


@dataclass(frozen=True)
class Setting:
    """A table: the setting's file, its words, its columns and what is claimed of it."""

    name: str
    track: str
    title: str
    words: str
    columns: tuple[Column, ...]
    claims: tuple[Claim, ...] = ()
    beside: tuple[tuple[str, str], ...] = (("real", "*real images*"),)
    """Files of the floor, and what they are called."""
    published: tuple[tuple[str, ...], ...] = ()
    """Rows of the papers: whose, and a cell a column."""
    each: tuple[Column, ...] = ()
    """Said seed by seed as well."""
    shown: Shown | None = None
    by: str = ""
    """The metric of whose column the worst seed and the place are said; by default the first."""
    mark: str = "seeds"
    """Of the page, where it stands: «published» data sets, or data sets with known answers, over several «seeds»."""


FID = Column("fid_judge", "FID", "lower", 1)
WAY = (
    Column("l1_ab", "L1", "lower"),
    Column("psnr_ab", "PSNR", "higher", 1),
    Column("ssim_ab", "SSIM", "higher"),
    Column("accuracy_judge_ab", "judge's accuracy", "higher"),
    Column("fid_judge_ab", "FID", "lower", 1),
)
CYCLE = Column("cycle_ab", "cycle error", "")
TAKEN = Column("alternative_taken_ab", "took the other", "", 1, "count")
TOLD = (
    FID,
    Column("attribute_accuracy_digit_judge", "digit", "higher"),
    Column("attribute_accuracy_lean_judge", "lean", "higher"),
    Column("attribute_accuracy_thickness_judge", "thickness", "higher"),
    Column("matching_auc", "matched AUC", "higher"),
    Column("matching_gap", "gap", "higher", 2),
)
ANSWERS = (("identity", "*the input itself*"), ("real", "*the right answer*"))
ABLATION = (
    Claim("Both losses are better than the distance alone", "fid_judge_ab", "pix2pix", "pix2pix_l1"),
    Claim("Both losses are better than the adversarial loss alone", "fid_judge_ab", "pix2pix", "pix2pix_cgan"),
    Claim("The adversarial loss alone is better than the distance alone", "fid_judge_ab", "pix2pix_cgan", "pix2pix_l1"),
    Claim("Both losses are better than the distance alone", "accuracy_judge_ab", "pix2pix", "pix2pix_l1"),
    Claim("Both losses are better than the adversarial loss alone", "accuracy_judge_ab", "pix2pix", "pix2pix_cgan"),
)

SIGHT = (
    FID,
    Column("precision_judge", "precision", "higher"),
    Column("recall_judge", "recall", "higher"),
    Column("coverage_judge", "coverage", "higher"),
    Column("is_judge", "IS", "higher", 2),
)

SETTINGS = (
    Setting(
        "stacked_mnist",
        "images",
        "Stacked MNIST: a thousand modes",
        "Three digits a picture, red, green and blue, at 32 pixels; 300 thousand real images, 26,000 samples as in "
        "the papers, whose digits a judge reads, one by one: 98.8 % of the held-out digits rightly (the papers ask "
        "for 99). FID, precision and the like use another judge, which tells how a stack was turned, for stacks have "
        "no class. The papers trained on 6.4 million images with wider networks: their rows say what is possible, "
        "not what to expect here; the last three are as Huang et al. 2024 give them. *Real* are the 26,000 held-out "
        "stacks: what a perfect generator would score. 300 thousand images are 4,687 generator steps, and 937 of "
        "WGAN-GP, whose digits are unfinished; rates are those of the default run, found at 16 pixels. Our vanilla "
        "DCGAN does not collapse in that time, so packing has nothing to mend; Lin et al.'s does, after 21 times as "
        "many images. At 100 thousand images, before batch norm's statistics were the average's own, it had 19 "
        "modes, with packing 221. `r3gan`, 8 channels wide, draws a handful of shapes over and over, hardly digits.",
        (
            Column("combinations_covered_judge", "modes of 1,000", "higher", 0),
            Column("combinations_kl_judge", "KL", "lower"),
            *SIGHT[:-1],
        ),
        published=(
            ("DCGAN (Lin et al. 2018)", "78.9", "4.50"),
            ("PacDCGAN2 (Lin et al. 2018)", "1000", "0.06"),
            ("PacDCGAN3 (Lin et al. 2018)", "1000", "0.06"),
            ("PacDCGAN4 (Lin et al. 2018)", "1000", "0.07"),
            ("VEEGAN (Srivastava et al. 2017)", "150", "2.95"),
            ("WGAN-GP, unchecked", "959", "0.73"),
            ("StyleGAN2, unchecked", "940", "0.42"),
            ("R3GAN, unchecked", "1000", "0.029"),
        ),
        mark="published",
    ),
    Setting(
        "mnist",
        "images",
        "MNIST",
        "32 pixels, 250 thousand real images, which are four passes, 5,000 images on either side, rates as in the "
        "default run, which were found at 16 pixels. For a step of G `wgan` and `wgan_gp` see 320 real images, "
        "`sngan` 128, most 64; `sngan` has 8 and 16 channels, where the paper has 128 and 256, `r3gan` 8, where it "
        "has 768: two of its seeds draw a few clean shapes over and over. *TSTR* is the accuracy on real images of a "
        "classifier, *1-NN error* that of a nearest neighbour, that learned from 5,000 samples, where those have "
        "labels; *real* are training images in their place. `projection_dcgan`, DCGAN's networks told labels, has "
        "the least FID, and the judge reads nearly all of its digits as asked (*condition accuracy*); yet its "
        "samples teach a classifier less than those of the perceptron `projection`: by the end its twos are one two, "
        "and its best moment was long before. None reaches the aim of .975, which is RCGAN's. `blocks`, at a rate "
        "found for a third of the images, collapses in every seed, which its least FID alone would hide. One seed of "
        "`fgan_hellinger` ends far off. The papers' rows have more samples and, but for the nearest neighbour, "
        "other classifiers. Packing and the minibatch tricks do not raise the recall of `gan_ns`, which draws all "
        "ten digits: nothing has collapsed that they could mend. Places are by ranks within seeds, with a 95 % "
        "bootstrap interval that three seeds make too narrow.",
        (*SIGHT, Column("tstr_accuracy", "TSTR", "higher"),
         Column("tstr_nn_accuracy", "1-NN error, %", "lower", 1, "error"),
         Column("condition_accuracy_judge", "condition accuracy", "higher")),
        published=(
            ("RCGAN (Esteban et al. 2017), unchecked", *"–––––", "0.975"),
            ("real images (Esteban et al. 2017), unchecked", *"–––––", "0.991"),
            ("GAN (Radford et al. 2016)", *"––––––", "6.28"),
            ("DCGAN (Radford et al. 2016)", *"––––––", "2.98"),
            ("real images (Radford et al. 2016)", *"––––––", "3.39"),
        ),
        mark="published",
        shown=Shown(
            "`projection_dcgan`, which has the least FID; `projection`, a multilayer perceptron, with rough edges, "
            "which the judge's features hardly mind; `dcgan`, which is told no labels.",
            (("projection_dcgan", 0), ("projection", 0), ("dcgan", 0)),
        ),
    ),
    Setting(
        "cifar10_jpeg",
        "images",
        "CIFAR-10 (JPEG)",
        "CIFAR-10 that went through JPEG, 32 pixels in colour, 50 thousand real images: one pass through the data, "
        "published tables take hundreds, so this is an order of early progress. For a step of G `wgan` and `wgan_gp` "
        "see 320 real images, `sngan` 128, most 64. *CAS* is the accuracy on real images of a classifier trained on "
        "5,000 samples (Ravuri and Vinyals 2019); *real* are training images in their place; the classifier is narrow "
        "and sees 7,680 images in all (the setting has since declared ten times as many). The judge reads 78 % of the "
        "held-out images. The papers' rows are on "
        "Inception's features, 50,000 samples and the images without JPEG: no number of ours compares with them. "
        "`dcgan` has a higher precision than real images, and grey blobs: so much for precision on such features.",
        (*SIGHT, Column("tstr_accuracy", "CAS", "higher")),
        published=(
            ("SNGAN (Miyato et al. 2018), Inception, as listed", "21.7", *"–––", "8.22"),
            ("WGAN-GP (Gulrajani et al. 2017), Inception, as listed", *"––––", "7.86"),
            ("R3GAN (Huang et al. 2024), Inception, as listed", "1.96"),
        ),
        mark="published",
        shown=Shown(
            "`sngan`, `r3gan` and `dcgan` after one pass: textures and colours, no objects; many samples are alike, as "
            "recall says, too.",
            (("sngan", 0), ("r3gan", 0), ("dcgan", 0)),
        ),
    ),
    Setting(
        "text_digits",
        "images",
        "Text to image: does the right text matter?",
        "Digits with captions, 16 pixels, 80 thousand real images. *Matched AUC*: how well the discriminator's score "
        "tells the right caption of a held-out image from a wrong one; *gap*: the same in pooled deviations. "
        "GAN-CLS has both of the paper's additions, real images with wrong texts and interpolated texts "
        "(Reed et al. 2016, sections 4.2 and 4.3).",
        TOLD,
        (
            Claim("GAN-CLS separates matched from mismatched text better", "matching_auc", "gan_cls", "text_cgan"),
            Claim("GAN-CLS draws the digit that the text asks for more often", "attribute_accuracy_digit", "gan_cls",
                  "text_cgan"),
        ),
        shown=Shown(
            "Seed 0: left GAN-CLS, right the plain conditional game, of the same noise in a column. The first follows "
            "the digit, hardly lean and thickness, and draws nearly one image a caption; the second hardly listens.",
            (("gan_cls", 0), ("text_cgan", 0)),
            "captions",
        ),
    ),
    Setting(
        "translation_edges",
        "translation",
        "Paired and unpaired, with a known answer",
        "Edges → `shapes` at 16 pixels, 14 thousand real images; a shape's class determines its colour. Isola et al. "
        "2017, table 1, order their ablations by the FCN score: L1 + cGAN, then cGAN, then L1; the judge's accuracy "
        "is its analogue here. Rate, dropout and norm were found by trial on `pix2pix`, which an order would favour.",
        (*WAY, CYCLE),
        ABLATION,
        ANSWERS,
        by="accuracy_judge_ab",
    ),
    Setting(
        "translation_ablation",
        "translation",
        "The ablations at twice the budget",
        "As above with 28 thousand real images. The adversarial loss alone is the slowest to learn, and comes nearer; "
        "the paper's order does not show at either budget. There an input has many right answers, and the distance "
        "alone blurs them; here it has one, which the distance alone approaches, while the game adds noise of its own: "
        "two of five seeds of `pix2pix` have FIDs of 29 and 34, the others of 3 to 7. In the next table an input has "
        "several right answers.",
        WAY,
        ABLATION,
        ANSWERS,
        by="accuracy_judge_ab",
    ),
    Setting(
        "translation_cloth",
        "translation",
        "The ablations where an answer can be blurred",
        "A label map → a picture of which it says everything but where the stripes lie (`task: cloth`), 16 pixels, 28 "
        "thousand real images. The class of a cloth is its hue, which follows from the shape, and its weave, which "
        "follows from the map's colour; stripes lie in one of four places, and the median over these, which the "
        "distance asks for, has none. So labels → photo of Isola et al. 2017, table 1, whose order shows: both, then "
        "the adversarial loss alone, then the distance alone; their accuracies are per pixel, of a network that reads "
        "street scenes. L1 and PSNR to one of four right answers favour the blur. The judge reads every held-out "
        "cloth. How many hues and weaves the data have was chosen by trial, on two other seeds, so that the order "
        "could show.",
        WAY,
        (*ABLATION, Claim("The adversarial loss alone is better than the distance alone", "accuracy_judge_ab",
                          "pix2pix_cgan", "pix2pix_l1")),
        ANSWERS,
        shown=Shown(
            "Seed 0: both losses, the distance alone, the adversarial loss alone; columns: input, output, an answer. "
            "The distance finds the hue and no stripes, the adversarial loss the stripes and not yet the hue.",
            (("pix2pix", 0), ("pix2pix_l1", 0), ("pix2pix_cgan", 0)),
        ),
        published=(
            ("L1 + cGAN (Isola et al. 2017, table 1)", *"–––", "0.66"),
            ("cGAN (Isola et al. 2017, table 1)", *"–––", "0.57"),
            ("L1 (Isola et al. 2017, table 1)", *"–––", "0.42"),
            ("right answers (Isola et al. 2017, table 1)", *"–––", "0.80"),
        ),
        by="accuracy_judge_ab",
    ),
    Setting(
        "translation_recolour",
        "translation",
        "Unpaired, with a hidden bijection",
        "B holds other shapes than A, recoloured by a mapping T that only the evaluation knows; the held-out images "
        "have both sides; 16 pixels, 14 thousand real images. L1 is ‖G(x) − T(x)‖. `cyclegan_unet` differs from "
        "`cyclegan` in more than its skip connections: it has batch norm and a rate of 2e-3, the other 5e-4; "
        "`discogan` has a U-Net here.",
        (*WAY, CYCLE),
        (
            Claim("CycleGAN's U-Net comes nearer to T than its residual network", "l1_ab", "cyclegan_unet", "cyclegan"),
            Claim("CycleGAN's U-Net comes nearer to T than DiscoGAN's", "l1_ab", "cyclegan_unet", "discogan"),
        ),
        ANSWERS,
        each=(Column("accuracy_judge_ab", "judge's accuracy", "higher", 2), CYCLE),
        shown=Shown(
            "Left a seed that found T, right one that makes squares of circles and exchanges their colours; columns: "
            "input, output, right answer, there and back, first from A, then from B. Both come back.",
            (("cyclegan_unet", 0), ("cyclegan_unet", 2)),
        ),
    ),
    Setting(
        "translation_symmetric",
        "translation",
        "The control: a small cycle error is not correctness",
        "Two mappings between the domains are equally right; nothing in the data prefers the one called the first; 16 "
        "pixels, 14 thousand real images. *Took the other*: how many seeds are nearer to the second.",
        (Column("l1_ab", "L1 to the first", "lower"), Column("l1_nearer_ab", "to the nearer", "lower"), TAKEN, CYCLE),
        (),
        ANSWERS,
        each=(Column("correct_ab", "nearer to the first, share", "", 2), CYCLE),
        by="l1_nearer_ab",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A table of the default run: where it stands, under which mark, and what is in it."""

    page: Path
    mark: str
    track: str
    variants: tuple[str, ...] | None
    columns: tuple[Column, ...]
    beside: tuple[tuple[str, str], ...]


RUNS = (
    Run(
        README,
        "images",
        "images",
        None,
        (
            Column("fid_judge", "FID", "lower", 2),
            Column("kid_judge", "KID", "lower"),
            Column("is_judge", "IS", "higher", 2),
            Column("precision_judge", "precision", "higher"),
            Column("recall_judge", "recall", "higher"),
            Column("coverage_judge", "coverage", "higher"),
        ),
        (("real", "*real* (the floor)"),),
    ),
    Run(
        RESULTS_PAGE,
        "conditional",
        "images",
        ("cgan", "projection", "acgan"),
        (
            Column("fid_judge", "FID", "lower", 2),
            Column("intra_fid_judge", "intra-class FID", "lower", 2),
            Column("condition_accuracy_judge", "condition accuracy", "higher"),
            Column("tstr_accuracy", "TSTR", "higher"),
            Column("trts_accuracy", "TRTS", "higher"),
            Column("augmentation_gain", "augmentation gain", "higher"),
        ),
        (("real", "*real*"),),
    ),
    Run(RESULTS_PAGE, "text", "images", ("gan_cls", "text_cgan"), TOLD, (("real", "*real*"),)),
    Run(RESULTS_PAGE, "translation", "translation", None, (*WAY, CYCLE), ANSWERS),
)

EXPERIMENTS = (
    ("walks: the largest of nine steps", "walk_largest_step", ()),
    ("arithmetic on the mean of three latents", "arithmetic_mean_of_three",
     (("one latent", "arithmetic_single"), ("a random direction", "arithmetic_random_direction"),
      ("pixels", "arithmetic_pixels"), ("any sample", "arithmetic_chance"))),
    ("boxes kept without the maps that draw them", "feature_dropout_kept",
     (("without random maps", "feature_dropout_kept_random"), ("p", "feature_dropout_p"))),
    ("linear SVM on the discriminator's maps", "representation_discriminator",
     (("untrained", "representation_untrained"), ("pixels", "representation_pixels"),
      ("the judge", "representation_judge"))),
)  # fmt: skip
"""Of docs/exploration.md: what, its score, and scores that stand beside it."""
