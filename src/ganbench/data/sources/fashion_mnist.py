"""Fashion-MNIST: as MNIST, with clothes (Xiao, Rasul and Vollgraf 2017)."""

from ganbench.data.source import SOURCES
from ganbench.data.sources.mnist import Mnist


@SOURCES.register("fashion_mnist")
class FashionMnist(Mnist):
    """28×28 grey pictures of clothes with their official split."""

    dataset_name = "fashion_mnist"
    torchvision = "FashionMNIST"
    hand = None
    names = (
        "t-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    )
