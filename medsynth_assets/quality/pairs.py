"""A note and its dialogue, compared: coverage, contradictions, support, SOAP, form. No Dagster, no warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from medsynth_assets.quality.facts.contradicting import Contradiction, contradictions
from medsynth_assets.quality.facts.covering import match
from medsynth_assets.quality.facts.extracting import facts
from medsynth_assets.quality.facts.fact import Fact
from medsynth_assets.quality.facts.hearing import Heard, Turn, hear
from medsynth_assets.quality.facts.judging import Model, features, is_wholly_said, model
from medsynth_assets.quality.facts.placing import Placed, Places
from medsynth_assets.quality.facts.spoken import respoken
from medsynth_assets.quality.facts.supporting import Noted, Unsupported, noted, unsupported
from medsynth_assets.quality.form import FormFault, dialogue_form, note_form
from medsynth_assets.quality.language.quantities import Quantity
from medsynth_assets.quality.soap.checking import soap_faults
from medsynth_assets.quality.soap.fault import Fault


@dataclass(frozen=True)
class Judged:
    """A fact of a note: said or not, how surely (0 to 1), and the turns that say it."""

    fact: Fact
    is_covered: bool
    probability: float
    turns: tuple[int, ...]
    contradicted: tuple[Contradiction, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A note, its dialogue's turns, and the lay forms of charted phrases that are known of its code (lower case)."""

    note: str
    turns: tuple[Turn, ...]
    lay: Mapping[str, str] = field(default_factory=dict)
    model: Model | None = None

    @cached_property
    def heard(self) -> Heard:
        return hear(self.turns)

    @cached_property
    def facts(self) -> tuple[Judged, ...]:
        """Every fact of the note, judged, in order."""
        stated = self.noted.quantities
        judge = self.model or model()
        placed = [Placed(fact, match(fact, self.heard)) for fact in facts(self.note)]
        places = Places(placed, self.heard)
        return tuple(self._judged(n, own, places, judge, stated) for n, own in enumerate(placed))

    def _judged(self, n: int, own: Placed, places: Places, judge: Model, stated: Sequence[Quantity]) -> Judged:
        fact, best = own.fact, None
        for form in (fact, *respoken(fact, self.lay)):
            place = own.match if form is fact else match(form, self.heard)
            probability = judge.probability(features(form, place, places, n))
            if best is None or probability > best[0]:
                best = (probability, place, form)
            if probability >= judge.threshold:
                break
        assert best is not None  # the fact itself is a form
        probability, place, form = best
        against = tuple(contradictions(form, place, self.heard, stated))
        is_covered = probability >= judge.threshold and not against and is_wholly_said(form, place, self.heard)
        return Judged(fact, is_covered, round(probability, 3), place.turns if is_covered else (), against)

    @cached_property
    def noted(self) -> Noted:
        return noted(self.note)

    @property
    def coverage_frac(self) -> float:
        """Covered facts over all, 0 to 1; 1 for a note without facts."""
        return sum(judged.is_covered for judged in self.facts) / len(self.facts) if self.facts else 1.0

    @property
    def uncovered(self) -> tuple[Judged, ...]:
        return tuple(judged for judged in self.facts if not judged.is_covered)

    @property
    def contradicted(self) -> tuple[Contradiction, ...]:
        return tuple(found for judged in self.facts for found in judged.contradicted)

    @cached_property
    def unsupported(self) -> tuple[Unsupported, ...]:
        return tuple(unsupported(self.turns, self.heard, self.noted))

    @cached_property
    def soap(self) -> tuple[Fault, ...]:
        return tuple(soap_faults(self.note))

    @cached_property
    def form(self) -> tuple[FormFault, ...]:
        return (*note_form(self.note), *dialogue_form(self.turns))
