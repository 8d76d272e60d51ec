"""One record for each account or ring: what was seen, why it matters, what speaks against it, no decision."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from graphkit.errors import ConfigError
from graphkit.judgement.judge import Judgement
from graphkit.judgement.observed import GRADE_RANK
from graphkit.judgement.policy import Policy, Spam
from graphkit.judgement.records_calibrated import calibrated
from graphkit.judgement.records_rings import ring_findings
from graphkit.judgement.records_rules import rules, unknown
from graphkit.judgement.records_words import Speech, speech
from graphkit.words import GRAVE, UNUSUAL, Family, Grade, Tier

SCHEMA = "graphkit.record/2"
RING_SCHEMA = "graphkit.ring_record/2"
_RING = ("ring_id", "kind", "n_members", "q_value", "kinds", "automation_share")
# Columns of EVIDENCE that say of which account or ring a row is; a record has them once.
_WHOSE = ("account_id", "ring_id")
# Where some readers end a line although JSON does not.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
_ORDINARY = ("lowest", "highest", "n_reference", "outside", "quantile_here")


@dataclass(frozen=True)
class Origin:
    """The run that a record comes from: what it needs to be made again, byte for byte."""

    run_id: str
    graphkit: str
    seed: int
    settings_sha256: str
    policy_sha256: str
    inputs: tuple[tuple[str, str], ...]

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        inputs = [{"name": name, "sha256": sha256} for name, sha256 in self.inputs]
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "inputs": inputs}


def record(
    judgement: Judgement,
    account_id: str,
    *,
    say: Speech | None = None,
    origin: Origin | None = None,
    decision: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All that is known of an account, ready for JSON: what a statement of reasons asks, and no decision.

    Ids and explanations are as they stand in the tables: clean them where they are shown. `decision` is what
    a named person has decided, if anybody has. Raises ConfigError for an id that is not in the run.
    """
    found = account_records(judgement, [account_id], say=say, origin=origin)
    return _decided(
        found, decision, f"`{account_id}` is no account of this run; copy an id from its table of accounts"
    )


def ring_record(
    judgement: Judgement,
    ring_id: str,
    *,
    say: Speech | None = None,
    origin: Origin | None = None,
    decision: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The finding about a ring as a whole: its own evidence, its members' tiers, what is recommended."""
    found = ring_records(judgement, [ring_id], say=say, origin=origin)
    return _decided(
        found, decision, f"`{ring_id}` is no ring of this run; copy an id from its table of rings"
    )


def _decided(
    found: Iterator[dict[str, Any]], decision: Mapping[str, Any] | None, missing: str
) -> dict[str, Any]:
    """The one record of `found` with what was decided; raises ConfigError, saying `missing`, for none."""
    one = next(found, None)
    if one is None:
        raise ConfigError(missing)
    return {**one, "decision": None if decision is None else dict(decision)}


def noted() -> pl.Expr:
    """Of a row of TIERS whether a record is kept of its account: all above `clear`, and all members."""
    return (pl.col("tier") != Tier.CLEAR.value) | pl.col("ring_id").is_not_null()


def account_records(
    judgement: Judgement,
    ids: Sequence[str] | None = None,
    *,
    say: Speech | None = None,
    origin: Origin | None = None,
) -> Iterator[dict[str, Any]]:
    """The records of the accounts `ids` (default: all above `clear` and all members), sorted by id."""
    said = say or speech()
    tiers = judgement.tiers.with_columns(pl.col("tier").cast(pl.String))
    wanted = tiers.filter(noted() if ids is None else pl.col("account_id").is_in(list(ids)))
    evidence = _by(judgement.evidence, wanted, "account_id")
    trace = _by(judgement.trace.with_columns(pl.col("tier").cast(pl.String)), wanted, "account_id")
    facts = {} if judgement.facts is None else _by(judgement.facts, wanted, "account_id")
    rings = {row["ring_id"]: row for row in judgement.rings.to_dicts()}
    learnt = calibrated(judgement, wanted, said)
    # Findings of spam or of a function are no evidence: they explain.
    silent = (*judgement.policy.spam.signals, *judgement.policy.functional.signals)
    for row in wanted.sort("account_id").to_dicts():
        account, ring = row["account_id"], rings.get(row["ring_id"])
        tried = trace.get(account, [])
        lines = _voided(_lines(evidence.get(account, []), said, row["role"]), judgement.policy.spam)
        grave = _unusual(lines)
        relied = _gravest(line for line in grave if not (line["voided"] or line["signal"] in silent))
        explains = [line for line in grave if line["signal"] in silent]
        known = facts.get(account)
        yield {
            "schema": SCHEMA,
            "language": said.strings.language,
            "account_id": account,
            "tier": row["tier"],
            "score_bits": row["score"],
            "bits": {family.value: row[f"bits_{family.value.lower()}"] for family in Family},
            **learnt.get(account, {}),
            "ring": {**{name: ring[name] for name in _RING}, **_belonging(row)} if ring else None,
            "facts": _jsonable(known[0]) if known else None,
            "statement": _statement(judgement.policy, relied, said),
            **rules(judgement.policy, tried, said),
            "evidence": lines,
            "speaks_against": [*(one["explanation"] for one in explains), *_ordinary(lines)],
            "innocent_explanations": said.innocent([line["signal"] for line in grave]),
            **unknown(judgement.policy, tried, said),
            "next_steps": _next_steps(row, explains, said),
            **_source(judgement, origin, said),
            "decision": None,
        }


def ring_records(
    judgement: Judgement,
    ids: Sequence[str] | None = None,
    *,
    say: Speech | None = None,
    origin: Origin | None = None,
) -> Iterator[dict[str, Any]]:
    """The records of the rings `ids` (default: all), sorted by id."""
    said = say or speech()
    wanted = judgement.rings if ids is None else judgement.rings.filter(pl.col("ring_id").is_in(list(ids)))
    members = _by(judgement.tiers.with_columns(pl.col("tier").cast(pl.String)), wanted, "ring_id")
    evidence = _by(judgement.evidence, wanted, "ring_id")
    for row in wanted.sort("ring_id").to_dicts():
        its, belong = evidence.get(row["ring_id"], []), members.get(row["ring_id"], [])
        lines = _lines([line for line in its if line["account_id"] is None], said, None)
        findings = ring_findings(row, belong, its, said)
        yield {
            "schema": RING_SCHEMA,
            "language": said.strings.language,
            **_jsonable(row),
            "members": [
                {"account_id": one["account_id"], **_belonging(one), "tier": one["tier"]} for one in belong
            ],
            "statement": _statement(judgement.policy, _gravest(_unusual(lines)), said),
            "evidence": lines,
            "speaks_against": [*_ordinary(lines), *findings["speaks_against"]],
            "innocent_explanations": said.innocent([line["signal"] for line in _unusual(lines)]),
            "not_observable": [said.strings.phrase(one) for one in judgement.policy.not_observable],
            "review_together": True,
            "recommendation": findings["recommendation"],
            "next_steps": findings["next_steps"],
            **_source(judgement, origin, said),
            "decision": None,
        }


def lines_of_json(records: Iterable[Mapping[str, Any]]) -> str:
    """One line of JSON for each record; any string survives, and none of them can end a line."""
    return "".join(
        f"{json.dumps(one, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS)}\n" for one in records
    )


def _by(table: pl.DataFrame, wanted: pl.DataFrame, column: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of `table` that belong to `wanted`, by `column`, each list in the order of the table."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in table.join(wanted.select(column), on=column, how="semi", maintain_order="left").to_dicts():
        rows.setdefault(row[column], []).append(row)
    return rows


def _belonging(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"role": row["role"], "stability": row["stability"]}


def _source(judgement: Judgement, origin: Origin | None, say: Speech) -> dict[str, Any]:
    """Which policy and which run a record comes from, and whether the run waits for release."""
    policy = judgement.policy
    return {
        "policy": {"name": policy.name, "version": policy.version},
        "run": origin.facts() if origin else None,
        "held": say.held(judgement.held) if judgement.held else None,
    }


def _statement(policy: Policy, lines: list[dict[str, Any]], say: Speech) -> dict[str, Any]:
    """What Article 17(3) of the EU's Digital Services Act has a statement of reasons contain.

    What only a person can know or decide is null: the restriction with its territory and duration, whether a
    notice came first, the legal ground if content is held to be illegal.
    """
    phrase = say.strings.phrase
    return {
        "restriction": None,
        "territorial_scope": None,
        "duration": None,
        "following_a_notice": None,
        "facts_and_circumstances": [line["explanation"] for line in lines],
        "automated_detection": True,
        "automated_decision": False,
        "legal_ground": None,
        "contractual_ground": phrase(policy.basis),
        "redress": phrase(policy.redress),
    }


def _lines(rows: list[dict[str, Any]], say: Speech, role: str | None) -> list[dict[str, Any]]:
    """EVIDENCE rows for JSON, the weightiest first."""
    ranked = sorted(rows, key=_weight)
    return [
        {
            "signal": row["signal"],
            "name": say.strings.word(row["signal"]),
            "question": say.question(row["signal"]),
            **{name: row[name] for name in row if name not in (*_WHOSE, *_ORDINARY, "signal", "explanation")},
            "ordinary": _range(row),
            "explanation": say.explanation(row, role),
        }
        for row in ranked
    ]


def _weight(row: Mapping[str, Any]) -> tuple[float, int, str, str]:
    # What carries no bits of its own, since another signal of its family does, may still be strong.
    grade = GRADE_RANK[Grade(str(row["grade"]))]
    return (-row["bits"], -grade, str(row["family"]), row["signal"])


def _range(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where the middle eight in ten of the ordinary accounts stand, or None where nobody was compared."""
    return {name: row[name] for name in _ORDINARY} if row["lowest"] is not None else None


def _voided(lines: list[dict[str, Any]], spam: Spam) -> list[dict[str, Any]]:
    """The lines with `voided`: what was found that explains them away, or null."""
    found = [line["signal"] for line in lines if line["signal"] in spam.signals and line["grade"] in GRAVE]
    by = ", ".join(found) or None
    return [{**line, "voided": by if line["signal"] in spam.voids else None} for line in lines]


def _unusual(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["grade"] in UNUSUAL]


def _gravest(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best grade first, whatever it weighs: of a family only one line carries its bits."""
    return sorted(lines, key=lambda line: (-GRADE_RANK[Grade(line["grade"])], -line["bits"], line["signal"]))


def _ordinary(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was placed among ordinary accounts and is ordinary; a ceiling that is not reached says nothing."""
    placed = [line for line in lines if line["quantile"] is not None]
    return [line["explanation"] for line in placed if line["grade"] == Grade.NONE.value]


def _next_steps(row: Mapping[str, Any], explains: list[dict[str, Any]], say: Speech) -> list[str]:
    steps = [say.strings.say(f"next_{row['tier']}")]
    if explains:
        steps.insert(0, say.strings.say("next_explained"))
    if row["ring_id"] is not None:
        steps.append(say.strings.say("next_ring", ring=row["ring_id"]))
    return steps


def _jsonable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
