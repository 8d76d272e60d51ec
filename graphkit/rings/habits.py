"""What tells people, who each have habits, from accounts that one tool sends in any order."""

from graphkit.engine.normal import Z
from graphkit.rings.hours import minutes_share, takes_its_time
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

# What the guard is called that asks for them.
HABITS = "habits"
# One-sided, 5 %.
_Z_ONE_SIDED = 1.645


def habits(suspect: Suspect, settings: RingSettings) -> float | None:
    """How far members come in the same order again (see `concordance`), 0 where that may be chance (2.5 %).

    One looks in at noon and another after work, one answers at once and another tomorrow: people who come to
    the same posts have habits of their own, and those who are first on one are first on the next, above all
    of the same hours: who sleeps late is first at night and last in the morning. What one tool sends comes in
    any order. Without the account that adds most the order must still be there, as strong as the limit or no
    chance (5 %): one mouthpiece that is always first gives the others no habits. None for groups that posts
    do not carry or that have a script, for those who come within a minute of each other, where an order is
    no habit, for those whose order within minutes hardly ever changes: a list that is worked through; and
    where too few met for an order.
    """
    if suspect.carried[Strand.FEED] < 0.5 or not takes_its_time(suspect, settings):
        return None
    order = suspect.order
    rest = order and suspect.order_without([order.most])
    if order is None or rest is None:
        return None
    within_minutes = (minutes_share(suspect) or 0.0) >= settings.tightness
    is_list = within_minutes and order.value >= settings.list_order
    if is_list:
        return None
    returns = order.value > Z * order.deviation
    holds = rest.value >= min(settings.habits, _Z_ONE_SIDED * rest.deviation)
    return order.value if returns and holds else 0.0
