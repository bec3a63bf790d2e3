"""The lay side of charted phrases of a code, read from the knowledge base."""

from medsynth_assets.clinical.knowledge import KnowledgeBase, KnowledgeError


def lay_forms(base: KnowledgeBase, code: str) -> dict[str, str]:
    """Spoken form by charted phrase, lower case; empty for a code that nothing is known of."""
    try:
        family = base.lookup(code).family
    except KnowledgeError:
        return {}
    pairs = [(s.term, s.plain) for s in (*family.symptoms, *family.negatives)]
    pairs += [(c.name, c.plain) for c in family.comorbidities]
    pairs += [(f.finding, f.aloud) for f in family.exam]
    pairs += [(a.note.rstrip("."), a.says) for q in family.questions for a in q.answers]
    said = (*family.advice, *family.red_flags, *family.treatments, *family.assessments, *family.risk_factors)
    pairs += [(s.note.rstrip("."), s.aloud) for s in said]
    return {charted.lower(): spoken.lower() for charted, spoken in pairs if charted.lower() != spoken.lower()}
