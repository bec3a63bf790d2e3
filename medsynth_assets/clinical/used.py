"""Everything of the knowledge base that a code's records may use: what their recipe has to name."""

import hashlib

from medsynth_assets.clinical.companions import companion_named
from medsynth_assets.clinical.facets import facets_of
from medsynth_assets.clinical.knowledge import KnowledgeBase


def knowledge_used(base: KnowledgeBase, code: str, description: str) -> tuple[tuple[str, ...], str]:
    """Ids of families, of facets of the description and of companions, and one hash of what they state.

    Raises KnowledgeError where nothing is known of the code.
    """
    known = base.lookup(code)
    facets = facets_of(description)
    companions = {c.condition: c for one in known.family.comorbidities if (c := companion_named(one.name))}
    ids = [
        *known.chain,
        *(f"facet:{f.facet.id}" for f in facets),
        *(f"companion:{name}" for name in sorted(companions)),
    ]
    digests = [known.digest, *(f.digest for f in facets), *(companions[name].digest for name in sorted(companions))]
    return tuple(ids), hashlib.blake2b("".join(digests).encode(), digest_size=12).hexdigest()
