"""Which words of a text are denied: the scope of `no`, `denies`, `n't`, `without`, before and behind them."""

from collections.abc import Sequence

from medsynth_assets.quality.language.tokens import Token

_CUES = set("no not deni without never none noth neither nor absent lack cannot unabl".split())
_OF_VERBS = set("unabl cannot".split())  # they deny what somebody can do, no list of findings
_ENDS = set(
    "but howev although though except besid otherwis report endors because so which who becaus due secondari sinc until".split()
)
_ENDS_SPOKEN = set("it i he she they we you there just okay alright and yeah sometim onli some".split())
_OF_IT = set("be have do hurt feel seem get just will can could would kind sort start come go".split())  # what it does
_AFTER_ANSWER = _ENDS_SPOKEN | set(
    "no not , . anyth noth that but uh um my actual pleas the thank veri at".split()
)  # what follows a `no` that is an answer, not the start of `no pain`
_NOT_DENYING = set("onli sure worri matter later more els major".split())  # `not only`, `nothing more`
_ONE_OF_THEM = {"worst", "best", "first", "only", "same", "usual", "last"}
_AFFIRMING = set("normal regular clear intact symmetr soft posit full good stabl mild moder sever".split())
_DENYING = _CUES | {"negat"}
_CUES_BEHIND = set("not none never deni no absent negat".split())
_BEHIND = set("identifi seen see note present appreci found find detect visual observ".split())  # `not identified`
_CLAUSE_MARKS = {",", ".", ";", ":", "?", "!"}
_BE = {"is", "are", "was", "were", "looks", "sounds", "feels"}
_DOES = set(
    "works lives drinks smokes walks runs exercises eats sleeps takes uses misses follows asks "
    "responds quit retired married sedentary adherent nonadherent ex-smoker smoker".split()
)
_NEXT_CLAUSE = {"he", "she", "they", "is", "are", "has", "does", "there", "will", "we"}
_AMOUNTS = set("one two three four five six".split())
_CHANGE = {"chang", "differ"}
_TIMES = {"when", "while", "whenever"}  # `no burning when you urinate` does not deny the urinating
_DETERMINERS = {"the", "his", "her", "their", "this", "that", "these", "those"}
_NO_SUBJECTS = {"that", "which", "what", "it", "there", "and", "or", "so"}  # before a verb, decided elsewhere
_SUBJECT = 4  # words from a determiner to its verb
_SENTENCE_MARKS = {".", ";", "?", "!"}
_BEFORE_YOUR = set("in of on to with over down around from at any about under for along through".split())


def charted(found: Sequence[Token]) -> list[bool]:
    """Of each token of a note's sentence, whether it is denied. A denial runs on through a list; one that stands behind
    what it denies (`invasion: not identified`, `Alcohol: none`) runs back to the start of its clause."""
    if _DENYING.isdisjoint([token.stem for token in found]):
        return [False] * len(found)
    denied, on, has_list_end, is_of_verb = [], False, False, False
    for n, token in enumerate(found):
        if token.stem in _DENYING and _denies(found, n):
            on, has_list_end = True, False
            is_of_verb = token.stem in _OF_VERBS
        elif on and _ends_charted(found, n, has_list_end, is_of_verb):
            on = False
        elif on and token.word == ",":
            has_list_end = True
        denied.append(on)
        if on and token.word == "well" and found[n - 1].word == "doing":
            on = False  # `not doing well with her diet`
    for n, token in enumerate(found):
        if token.stem in _CUES_BEHIND and _denies_behind(found, n):
            _deny_back(found, denied, n, {",", ".", ";", "but", "and"})
    return denied


def _ends_charted(found: Sequence[Token], n: int, has_list_end: bool, is_of_verb: bool) -> bool:
    token, before = found[n], found[n - 1]
    if token.stem in _ENDS or token.word in (".", ";") or (token.word == "some" and before.word in (",", "and")):
        return True
    if is_of_verb and (token.word == "," or _is_next_verb(found, n)):
        return True  # `unable to bend, and needed help`
    if token.word == ",":
        return False
    if _begins_anew(found, n) or (has_list_end and token.stem in _AFFIRMING and before.word in (",", "and")):
        return True
    if token.word == "with":
        return before.word in (",", "and")  # `no murmur, with a regular rhythm`, not `no fever, fatigue with dizziness`
    return token.word in _NEXT_CLAUSE and (has_list_end or before.word == "and")


def _begins_anew(found: Sequence[Token], n: int) -> bool:
    """`denies smoking, drinks two beers`, `no tobacco, two beers a week`, `no change to the diet`: what is told next is so."""
    before = found[n - 1]
    if before.word in (",", "and"):
        following = found[n + 1] if n + 1 < len(found) else None
        is_label = following is not None and following.word == ":"
        is_affirmed = before.word == "," and following is not None and following.stem in _AFFIRMING
        return is_label or is_affirmed or found[n].word in _DOES | _AMOUNTS or found[n].word.isdigit()
    return before.stem in _CHANGE and found[n].word in ("to", "in", "of")


def _is_next_verb(found: Sequence[Token], n: int) -> bool:
    return found[n - 1].word == "and" and found[n].word.endswith("ed")


def spoken(found: Sequence[Token], reach: int = 9) -> list[bool]:
    """Of each token of what somebody says, whether it is denied. Without punctuation a denial ends at the next clause."""
    if _DENYING.isdisjoint([token.stem for token in found]):
        return [False] * len(found)
    denied, left = [], 0
    for n, token in enumerate(found):
        if token.stem in _DENYING and _denies(found, n):
            left = reach
            if token.word in ("no", "nope") and n + 1 < len(found) and found[n + 1].stem in _AFTER_ANSWER:
                left = 0  # an answer, not the start of `no pain`
        elif left:
            goes_on = reach if token.word in (",", "or", "nor") else left - 1  # through a list, or for its reach
            left = 0 if _ends_spoken(found, n) else goes_on
        denied.append(left > 0)
    for n, token in enumerate(found):
        if token.stem in _CUES_BEHIND and _denies_behind(found, n):
            _deny_back(found, denied, n, _CLAUSE_MARKS | {"but", "and", "there", "you", "i"})
    return denied


def _ends_spoken(found: Sequence[Token], n: int) -> bool:
    token, before = found[n], found[n - 1]
    after = found[n + 1].stem if n + 1 < len(found) else ""
    if token.word in _SENTENCE_MARKS or token.stem in _ENDS or token.word in _TIMES or _is_subject(found, n):
        return True
    if before.stem in _CHANGE and token.word in ("to", "in"):
        return True  # `no change to your diet`
    if token.word == ",":
        return after in _ENDS | _AFTER_ANSWER - {"and", "no", "not"}
    if token.word in ("your", "my"):
        return before.word not in _BEFORE_YOUR and before.stem not in _CUES
    if token.word == "on" and after in ("your", "the"):  # `no wheezing on your heart exam you have`
        return any(t.stem == "exam" for t in found[n + 2 : n + 6])
    if token.word == "it" and (after not in _OF_IT or found[n + 1].word.endswith("ing")):
        return False  # `can't recall falling on it injuring it getting hit`
    if token.word == "i" and after == "mean":
        return False  # `no back pain i mean abdominal pain`
    return token.stem in _ENDS_SPOKEN and before.stem not in _CUES and not _goes_on(found, n)


def _is_subject(found: Sequence[Token], n: int) -> bool:
    """`no lesions the vault is normal`, `no thrush tonsils are large`: a word with its own verb begins a clause, but not
    where the verb says that the denied is there (`no fracture is seen`)."""
    if found[n - 1].stem in _CUES or found[n - 1].word in _BEFORE_YOUR:
        return False
    reach = _SUBJECT if found[n].word in _DETERMINERS else 1
    verb = next((k for k in range(n + 1, min(n + 1 + reach, len(found))) if found[k].word in _BE), None)
    if verb is None or found[n].word in _NO_SUBJECTS:
        return False
    following = found[verb + 1] if verb + 1 < len(found) else None
    return following is not None and following.stem not in _BEHIND and following.word != "there"


def _goes_on(found: Sequence[Token], n: int) -> bool:
    """`I don't think it hurts`, `no pain and no swelling`: the denial holds beyond the pronoun or the `and`."""
    return found[n - 1].stem in (
        "think",
        "believ",
        "feel",
        "notic",
        "say",
        "see",
        "seem",
        "like",
        "recal",
        "recall",
        "rememb",
        "what",  # `no evidence of what we call ...`
    ) or (
        found[n].word == "and"
        and n + 1 < len(found)
        and found[n + 1].stem not in _ENDS_SPOKEN | {"be", "then", "my", "your", "the", "that", "have"}
    )


def denies_phrase(found: Sequence[Token], denied: Sequence[bool], first: int, last: int) -> bool:
    """Whether found[first:last] is denied by what stands before it; `lack of energy` does not deny itself."""
    if last - first > 1 and found[first].stem in _CUES:
        return first > 0 and denied[first - 1] and found[first - 1].word not in _CLAUSE_MARKS
    return denied[first]


def _denies(found: Sequence[Token], n: int) -> bool:
    following = found[n + 1] if n + 1 < len(found) else None
    if found[n].stem == "negat":  # `negative for blood`, `negative Homan's sign`, but `negative margins`
        return (
            following is not None
            and (
                following.word == "for"
                or any(t.word == "including" for t in found[n + 1 : n + 3])  # `otherwise negative, including cough`
                or any(t.stem in ("sign", "test", "maneuv") for t in found[n + 1 : n + 7])
            )
        )
    if found[n].stem == "not" and [t.word for t in found[n + 1 : n + 2]] == ["the"] and _is_one_of_them(found[n + 2 :]):
        return False
    if following is not None and following.stem == "problem":  # as an answer, unlike `no problems lying flat`
        return found[n].stem in _CUES and n + 2 < len(found) and found[n + 2].word not in _CLAUSE_MARKS | {"at", "i"}
    return found[n].stem in _CUES and (following is None or following.stem not in _NOT_DENYING)


def _is_one_of_them(rest: Sequence[Token]) -> bool:
    """`not the worst headache`: one among others."""
    return bool(rest) and rest[0].word in _ONE_OF_THEM


def _denies_behind(found: Sequence[Token], n: int) -> bool:
    """`... not identified`, `Tobacco: never`, `McMurray's test is negative`."""
    stem, before = found[n].stem, found[n - 1].word if n else ""
    following = found[n + 1] if n + 1 < len(found) else None
    is_last = following is None or following.word in _CLAUSE_MARKS
    if stem == "not":
        return following is not None and following.stem in _BEHIND
    if stem in ("none", "never", "deni", "no", "absent", "negat") and before == ":" and is_last:
        return True
    tested = any(t.stem in ("sign", "test", "maneuv") for t in found[max(0, n - 4) : n])
    return stem == "negat" and tested and before in ("is", "was", "are", "were", "test", "sign")


def _deny_back(found: Sequence[Token], denied: list[bool], n: int, until: set[str]) -> None:
    at = n - 1 if found[n - 1].word != ":" else n - 2
    while at >= 0 and found[at].word not in until:
        denied[at] = True
        at -= 1
