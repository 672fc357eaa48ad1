"""Whether a force is replaced: people in, people out, people who come back, and what published figures imply.

`envelope` holds the closed forms, `ledger` runs the force forward month by month, `passage` says when a path falls
below a mark, `closure` turns the accounts round and asks which share of the losses does not come back, `rival` lets
the opponent's strength decide the losses. `published` draws flows from figures, `bookkeeping` closes the accounts and
reads off today's rates. Nobody is created or lost between two months, and the tests count.
"""

from attrition.models.balance.accounts import Accounts, Beliefs, Closure, can_close
from attrition.models.balance.bookkeeping import Books, movement, rates, settle
from attrition.models.balance.closure import close
from attrition.models.balance.envelope import Arithmetic, BalanceError, arithmetic, break_even_return_share
from attrition.models.balance.inputs import Parameters
from attrition.models.balance.ledger import Flows, Paths, carry, returning, simulate
from attrition.models.balance.passage import FirstPassage, first_passage
from attrition.models.balance.published import (
    TODAY_MONTHS,
    Joined,
    continued,
    latest,
    published_forces,
    recruits,
    spread_of,
)
from attrition.models.balance.rival import two_sided

__all__ = [
    "TODAY_MONTHS",
    "Accounts",
    "Arithmetic",
    "BalanceError",
    "Beliefs",
    "Books",
    "Closure",
    "FirstPassage",
    "Flows",
    "Joined",
    "Parameters",
    "Paths",
    "arithmetic",
    "break_even_return_share",
    "can_close",
    "carry",
    "close",
    "continued",
    "first_passage",
    "latest",
    "movement",
    "published_forces",
    "rates",
    "recruits",
    "returning",
    "settle",
    "simulate",
    "spread_of",
    "two_sided",
]
