"""Taking reviews into the warehouse: only of pairs it made, nothing twice, and what is unacceptable is taken back."""

from collections.abc import Sequence
from typing import NamedTuple

from medsynth_assets.records.review import Review
from medsynth_assets.warehouse import review_store as store
from medsynth_assets.warehouse.opening import AnyWarehouse


class Stored(NamedTuple):
    """new: reviews appended. same: those that the reviewer's newest says already. withdrawn: record ids. bad: place and reason."""

    new: int
    same: int
    withdrawn: list[str]
    bad: list[str]


def store_reviews(warehouse: AnyWarehouse, read: Sequence[tuple[str, Review]]) -> Stored:
    """One transaction."""
    with warehouse.writing() as con:
        pairs = store.is_pair(con, [_key(review) for _, review in read])
        bad = [
            f"{place}: the warehouse has no dialogue {review.dialogue_id} of note {review.note_id} and record {review.record_id}"
            for place, review in read
            if _key(review) not in pairs
        ]
        newest = {(review.reviewer, *_key(review)): review for review in store.newest_reviews(con)}
        taken: dict[tuple[str, ...], Review] = {}
        same = 0
        for place, review in read:
            key = (review.reviewer, *_key(review))
            if key in taken:
                bad.append(f"{place}: {review.record_id} is reviewed twice in this file; the first counts")
            elif _key(review) in pairs and key in newest and newest[key].says_as(review):
                same += 1
            elif _key(review) in pairs:
                taken[key] = review
        store.write_reviews(con, list(taken.values()))
        return Stored(len(taken), same, store.withdraw(con, list(taken.values())), bad)


def _key(review: Review) -> tuple[str, str, str]:
    return review.record_id, review.note_id, review.dialogue_id
