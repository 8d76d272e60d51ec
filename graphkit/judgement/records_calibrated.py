"""What a record says of a probability that was learnt from reviewed accounts, and only then."""

from typing import Any

import polars as pl

from graphkit.judgement.judge import Judgement
from graphkit.judgement.records_words import Speech


def calibrated(judgement: Judgement, wanted: pl.DataFrame, say: Speech) -> dict[str, dict[str, Any]]:
    """`calibrated` for the records of the accounts `wanted`: the probability and what it was learnt from.

    Empty where the run was given no calibration: then a record has no such part.
    """
    facts = judgement.calibration
    if judgement.probabilities is None or facts is None:
        return {}
    its = judgement.probabilities.join(wanted.select("account_id"), on="account_id", how="semi")
    return {
        account: {
            "calibrated": {
                "probability": probability,
                "explanation": say.strings.say(
                    "calibrated",
                    percent=f"{100 * probability:.1f} %",
                    n=facts["n_labels"],
                    platform=facts["platform"],
                    method=say.strings.word(facts["method"]),
                ),
                **facts,
            }
        }
        for account, probability in its.select("account_id", "probability").rows()
    }
