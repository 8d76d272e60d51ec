"""What a dossier says of a ring as a whole: density, reciprocity, insularity, whom it serves."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.rings.candidates import inside

Codes = npt.NDArray[np.uint32]

# Nats from which on an edge is said to join a pair.
_TELLS = 1.0


def measured(
    network: Network, codes: Codes, *, edge_nats: float, everybody: float | None
) -> Mapping[str, object]:
    """The columns of RINGS that describe a group of account codes.

    density: pairs of members on the backbone, of all pairs. insularity: contacts of members (events with a
    target) that stay among them. reciprocity_excess: of the directed pairs of members in contact the share
    that is answered, less the same share among `everybody` (see `answered`); null without contact inside.
    kinds: strands in which a pair of members has a nat or more. beneficiary: the outside account that most
    contacts of members address, and the share of these in all contacts of members, those inside included.
    """
    events = network.events
    own = events.filter(pl.col("account").is_in(codes))
    n = len(codes)
    strong = inside(network.backbone(edge_nats), codes)
    members = network.ids.gather(codes)
    contacts = own.filter(pl.col("target_id").is_not_null() & (pl.col("target_id") != pl.col("account_id")))
    within = contacts.filter(pl.col("target_id").is_in(members.implode()))
    outside = (
        contacts.join(within.select("event"), on="event", how="anti")
        .group_by("target_id")
        .len()
        .sort("len", "target_id", descending=[True, False])
    )
    edges = inside(network.edges, codes)
    return {
        "n_members": n,
        "kinds": sorted(edges.filter(pl.col("weight") >= _TELLS)["strand"].unique().to_list()),
        "channels": sorted(own["channel"].cast(pl.String).unique().to_list()),
        "first_seen": own["timestamp"].min(),
        "last_seen": own["timestamp"].max(),
        "density": strong.height / (n * (n - 1) / 2),
        "reciprocity_excess": _answered_share(within) - everybody
        if within.height and everybody is not None
        else None,
        "insularity": within.height / contacts.height if contacts.height else None,
        "beneficiary_id": outside["target_id"][0] if outside.height else None,
        "beneficiary_share": outside["len"][0] / contacts.height if outside.height else None,
    }


def answered(events: pl.DataFrame) -> float | None:
    """Of all directed pairs of accounts in contact the share that is answered; None without contact."""
    contacts = events.select("account_id", "target_id").filter(
        pl.col("target_id").is_not_null() & (pl.col("target_id") != pl.col("account_id"))
    )
    return _answered_share(contacts) if contacts.height else None


def _answered_share(contacts: pl.DataFrame) -> float:
    directed = contacts.select("account_id", "target_id").unique()
    answered = directed.join(
        directed.select(pl.col("target_id").alias("account_id"), pl.col("account_id").alias("target_id")),
        on=["account_id", "target_id"],
        how="semi",
    )
    return answered.height / directed.height
