"""Batches of two domains."""

from pathlib import Path

import torch

from ganbench.data.translation.domains import Domains
from ganbench.data.translation.stream import DomainStream

CPU = torch.device("cpu")


def negative(images: torch.Tensor) -> torch.Tensor:
    """What B shows of an image of A."""
    return (-images).expand(-1, 3, -1, -1)


def seen(stream: DomainStream, batches: int) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = [stream.next() for _ in range(batches)]
    return torch.cat([one.images for one in drawn]), torch.cat([one.targets for one in drawn])


def test_a_target_is_its_images_partner(small_domains: Path) -> None:
    images, targets = seen(DomainStream(Domains.open(small_domains), True, 8, 0, CPU), 10)
    torch.testing.assert_close(targets, negative(images))
    assert targets.is_contiguous(memory_format=torch.channels_last)


def test_without_pairs_no_image_ever_meets_its_partner(small_domains: Path) -> None:
    """Two epochs and more: every image of the one half of A and of the other half of B, in different orders."""
    images, targets = seen(DomainStream(Domains.open(small_domains), False, 5, 0, CPU), 8)
    assert images.unique(dim=0).shape[0] == targets.unique(dim=0).shape[0] == 20
    distances = torch.cdist(negative(images).flatten(1), targets.flatten(1))
    assert distances.min() > 1
    order = [torch.cdist(one[:20].flatten(1), one[20:].flatten(1)).argmin(1) for one in (images, targets)]
    assert not torch.equal(*order)


def test_a_stream_goes_on_from_its_position(small_domains: Path) -> None:
    domains = Domains.open(small_domains)
    stream, again = DomainStream(domains, False, 8, 3, CPU), DomainStream(domains, False, 8, 3, CPU)
    seen(stream, 7)
    again.position = stream.position
    for one, other in zip(seen(stream, 3), seen(again, 3), strict=True):
        assert torch.equal(one, other)


def test_a_share_is_a_part_of_each_batch(small_domains: Path) -> None:
    domains = Domains.open(small_domains)
    whole, part = DomainStream(domains, True, 8, 0, CPU), DomainStream(domains, True, 8, 0, CPU)
    part.share = slice(4, 8)
    one, other = whole.next(), part.next()
    assert torch.equal(one.images[4:], other.images)
    assert torch.equal(one.targets[4:], other.targets)
