"""An invented town: posts, comments, messages and chats of ordinary accounts, English or Chinese."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl

from graphkit.tables import EVENTS

_ENGLISH = [
    *("morning", "coffee", "river", "garden", "window", "letter", "market", "bread", "train", "winter"),
    *("summer", "music", "paper", "yellow", "quiet", "street", "engine", "corner", "lantern", "basket"),
    *("mountain", "silver", "pocket", "thunder", "village", "harbour", "copper", "meadow"),
]
_CHINESE = (
    "今天我们一起去看山里的花园下雨了吃面条好吃朋友火车电影周末城市老师学生孩子天气冷热春夏秋冬书店咖啡"
)


@cache
def town(seed: int, *, chinese: bool = False, n_events: int = 5000, n_accounts: int = 250) -> pl.DataFrame:
    """EVENTS of a fortnight: every account has its own activity and its own two hours of the day."""
    rng = np.random.default_rng(seed)
    activity = rng.pareto(1.2, size=n_accounts) + 0.3
    who = rng.choice(n_accounts, size=n_events, p=activity / activity.sum())
    home = rng.integers(24, size=n_accounts)
    hour = (home[who] + rng.normal(0, 2.5, size=n_events)) % 24
    seconds = np.sort(rng.integers(14, size=n_events) * 86_400 + (hour * 3600).astype(np.int64))
    channel = rng.choice(["post", "comment", "dm", "group"], size=n_events, p=[0.08, 0.52, 0.2, 0.2])
    start = datetime(2025, 3, 3, tzinfo=UTC)
    posts: list[tuple[str, str]] = [("p000000", "u000")]
    rows = []
    for i in range(n_events):
        account, target, place = f"u{who[i]:03d}", None, None
        if channel[i] == "post":
            place = f"p{rng.integers(10**6):06d}"
            posts.append((place, account))
        elif channel[i] == "comment":
            place, target = posts[max(0, len(posts) - 1 - int(rng.geometric(0.05)))]
        elif channel[i] == "dm":
            target = f"u{(who[i] + 1 + rng.geometric(0.3)) % n_accounts:03d}"
        else:
            place = f"chat-{who[i] % 9}"
        size = 1 + int(rng.poisson(4))
        words = (
            "".join(rng.choice(list(_CHINESE), size=3 * size))
            if chinese
            else " ".join(rng.choice(_ENGLISH, size))
        )
        rows.append(
            (
                f"e{i:07d}",
                start + timedelta(seconds=int(seconds[i])),
                channel[i],
                account,
                target,
                place,
                words,
            )
        )
    frame = pl.DataFrame(
        rows,
        schema=["event_id", "timestamp", "channel", "account_id", "target_id", "object_id", "text"],
        orient="row",
    ).with_columns(pl.lit(None, pl.String).alias("parent_id"))
    return EVENTS.check(frame)
