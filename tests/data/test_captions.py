"""Words and their codes."""

from __future__ import annotations

import numpy as np
import pytest

from ganbench.data.captions import Vocabulary, longest, split_words, vocabulary


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a small Red circle, top left", ["a", "small", "red", "circle", "top", "left"]),
        ("  Top-left;no space ", ["top-left", "no", "space"]),
        ("Été – 2 «Ärzte»", ["été", "2", "ärzte"]),
        ("snake_case - and -dashes-", ["snake", "case", "and", "dashes"]),
        ("?!", []),
    ],
)
def test_words_are_runs_of_letters_digits_and_hyphens_in_lower_case(text, words):
    assert split_words(text) == words


def test_codes_follow_the_sorted_words_whatever_their_order():
    one, two = Vocabulary(["red", "a", "circle"]), Vocabulary(["circle", "red", "a"])
    assert one.size == two.size == 5
    codes = one.encode(["a red circle", "a"], 4)
    np.testing.assert_array_equal(codes, [[2, 4, 3, 0], [2, 0, 0, 0]])
    np.testing.assert_array_equal(codes, two.encode(["a red circle", "a"], 4))
    assert codes.dtype == np.int64


def test_unknown_words_are_kept_as_unknown_and_counted():
    words = Vocabulary(["a", "red"])
    np.testing.assert_array_equal(words.encode(["A red dog dog"], 4), [[2, 3, 1, 1]])
    assert words.unknown("A red dog, dog") == ["dog", "dog"]
    assert words.unknown("red") == []


def test_words_beyond_the_length_are_left_out():
    np.testing.assert_array_equal(Vocabulary(["a", "b"]).encode(["a b a", ""], 2), [[2, 3], [0, 0]])
    assert Vocabulary([]).encode(["a"], 0).shape == (1, 0)


def test_the_vocabulary_and_the_longest_caption_of_some_texts():
    assert vocabulary(["b a", "a c"]) == ["a", "b", "c"]
    assert longest(["b a", "one two three"]) == 3
    assert longest([]) == 0
