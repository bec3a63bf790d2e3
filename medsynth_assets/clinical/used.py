"""What of the knowledge base a code's records are made from: what their recipe has to name."""

import hashlib

from medsynth_assets.clinical.facets import facets_of
from medsynth_assets.clinical.knowledge import KnowledgeBase


def knowledge_used(base: KnowledgeBase, code: str, description: str) -> tuple[tuple[str, ...], str]:
    """Ids of the families of a code and of the facets of its description, and one hash of what they state.

    Raises KnowledgeError where nothing is known of the code.
    """
    known = base.lookup(code)
    facets = facets_of(description)
    ids = (*known.chain, *(f"facet:{present.facet.id}" for present in facets))
    digests = [known.digest, *(present.digest for present in facets)]
    return ids, hashlib.blake2b("".join(digests).encode(), digest_size=12).hexdigest()
