"""English word lists for finding nouns, persons and occasions."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1)
def function_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return (frozenset[str](ENGLISH_STOP_WORDS) - _NOUNS_AMONG_STOP_WORDS) | _MORE_FUNCTION_WORDS


_NOUNS_AMONG_STOP_WORDS = frozenset("top bottom back front side detail bill fire system".split())
_MORE_FUNCTION_WORDS = frozenset(
    "i'm i've i'd i'll it's it'll that's there's don't didn't doesn't isn't wasn't aren't weren't can't couldn't"
    " won't wouldn't haven't hasn't you're they're we're im ive really just like got would also did does".split()
)
KEEP_S = frozenset("it's that's there's here's what's he's she's who's let's".split())  # no possessives
DETERMINERS = frozenset(
    "the a an this my its your their these those no our his her any some each every".split()
)
BEFORE_MASS = frozenset("of with without for in on from and or".split())
BEFORE_ADJECTIVE = frozenset(
    "very so too really super extremely quite is are was were be looks look feels felt seems pretty more most as"
    " it's they're not".split()
)
BEFORE_VERB = frozenset(
    "i to would can will could it they you we don't didn't doesn't won't can't should might must she he who".split()
)
GENERIC = frozenset(
    "time times way ways bit lot lots thing things day days week weeks month months year years hour hours minute"
    " minutes person people fact kind kinds sort end case part parts amount point place places rest reason idea"
    " review reviews reviewer reviewers star stars one ones stuff product products item items half couple pair"
    " past future world chance choice fan moment result whole said best favorite little second original inside middle turn matter plus line type".split()
)
PEOPLE = frozenset(
    "husband wife spouse partner hubby fiance boyfriend girlfriend daughter daughters son sons mom mother mum dad"
    " father sister sisters brother brothers parents grandmother grandma grandfather grandpa grandson granddaughter"
    " grandkids grandchildren niece nephew aunt uncle cousin friend friends roommate neighbor coworker coworkers"
    " boss family kid kids child children toddler baby babies teenager boy boys girl dog dogs puppy cat cats"
    " kitten kitty pet pets horse".split()
)
OCCASIONS = frozenset(
    "work office school college church class gym wedding weddings party parties birthday anniversary christmas"
    " thanksgiving easter halloween holiday holidays vacation travel traveling trip trips date graduation interview"
    " event events dinner lunch breakfast brunch snack snacks snacking dessert supper meal meals"
    " gift gifts present presents summer winter fall autumn spring weather weekend weekends weekday morning mornings"
    " afternoon evening evenings night nights bedtime beach pool camping hiking picnic running yoga home baking"
    " cooking guests".split()
)
NO_PURPOSE = frozenset(
    "example instance sure reference taste liking awhile while now once ever long years price money sale free use"
    " good value real comfort look looks purposes purpose return review record starters everyone anyone someone moi"
    " myself herself himself yourself today bone well matter rule note win xs xl xxs petites ages bonus start ref comparison side reviewer".split()
)
