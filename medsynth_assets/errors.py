"""Every error the product raises on purpose, in one tree.

    MedsynthError                 one clear line for people; the command line exits with 2
    ├── UsageError                what was asked cannot be done as asked
    ├── ConfigError               a setting is missing or does not fit
    ├── ReferenceInputError         a reference input is missing, empty or unreadable
    ├── WarehouseError            the warehouse cannot be opened, read or written
    ├── KnowledgeError            the clinical knowledge base contradicts itself (clinical/knowledge.py)
    ├── ReleaseError              a release cannot be made: nothing to release, a full disk
    ├── SqlModelError             a model in dbt_like_sql/ does not compile
    └── EngineError               an engine did not give a usable answer
        ├── EngineDown            going on is pointless: endpoint unreachable, key refused, no credit left
        ├── BudgetSpent           the limit of this refresh is reached; what is left stays planned
        └── AnswerError           this one answer is unusable (refusal, truncation, malformed); quarantine it

A message says what was found, what was wanted, and what to run or set next.
"""


class MedsynthError(Exception):
    """Base of everything raised on purpose. `str()` is one line for people."""


class UsageError(MedsynthError):
    """What was asked cannot be done as asked: unknown code, malformed option."""


class ConfigError(MedsynthError):
    """A setting is missing or does not fit."""


class ReferenceInputError(MedsynthError):
    """A reference input is missing, empty or unreadable."""


class WarehouseError(MedsynthError):
    """The warehouse cannot be opened, read or written."""


class ReleaseError(MedsynthError):
    """A release cannot be made: nothing to release, a full disk."""


class SqlModelError(MedsynthError):
    """A model in dbt_like_sql/ does not compile, or refers to what does not exist."""


class EngineError(MedsynthError):
    """An engine did not give a usable answer."""


class EngineDown(EngineError):
    """Going on is pointless: endpoint unreachable, key refused, no credit left. Fails the run."""


class BudgetSpent(EngineError):
    """The limit that was set for this refresh is reached. Ends a run in good order: what is left stays planned."""


class AnswerError(EngineError):
    """One answer is unusable. `reason` is a stable word for counting: refusal, truncated, malformed, ..."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
