"""What a bucket does by itself: the rules that may be set, and the one that is carried out here.

Unfinished uploads in parts are given up when they are as old as a rule says. Nothing else happens
by itself: objects stay. Source: https://cloud.google.com/storage/docs/lifecycle.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from console.sandbox.storage.records import Bucket, JsonObject
from console.sandbox.storage.refusals import invalid

ABORT: Final = "AbortIncompleteMultipartUpload"
_ACTIONS: Final = frozenset({"Delete", "SetStorageClass", ABORT})
_ABORT_CONDITIONS: Final = frozenset({"age", "matchesPrefix", "matchesSuffix"})
_MOST_RULES: Final = 100
_LONGEST: Final = 100_000


def check_lifecycle(said: object) -> None:
    """Raise `Refused` for rules that a bucket cannot have."""
    if said is None:
        return
    rules = said.get("rule") if isinstance(said, dict) else ()
    if rules is None:
        return
    if not isinstance(rules, list) or len(rules) > _MOST_RULES:
        raise invalid(
            f"Invalid value for: lifecycle.rule, of which there are {_MOST_RULES} at most"
        )
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: object) -> None:
    action, condition = (_part(rule, each) for each in ("action", "condition"))
    kind = action.get("type")
    if kind not in _ACTIONS:
        raise invalid(f"Invalid value for: lifecycle.rule.action.type, {str(kind)[:60]!r}")
    if not condition:
        raise invalid("A lifecycle management rule has to have a condition.")
    if kind == ABORT and not condition.keys() <= _ABORT_CONDITIONS:
        raise invalid(f"{ABORT} takes the conditions age, matchesPrefix and matchesSuffix only.")
    if "age" in condition and _days(condition["age"]) is None:
        raise invalid("Invalid value for: lifecycle.rule.condition.age")


def uploads_end_after(bucket: Bucket, name: str) -> timedelta | None:
    """Return how old an unfinished upload of an object gets, None for as old as it likes."""
    lifecycle = bucket.settings.get("lifecycle")
    rules = lifecycle.get("rule") if isinstance(lifecycle, dict) else None
    ages = [
        days
        for rule in (rules if isinstance(rules, list) else [])
        if _part(rule, "action").get("type") == ABORT
        and _is_about(_part(rule, "condition"), name)
        and (days := _days(_part(rule, "condition").get("age"))) is not None
    ]
    return timedelta(days=min(ages)) if ages else None


def _is_about(condition: JsonObject, name: str) -> bool:
    begins, ends = (condition.get(f"matches{each}") for each in ("Prefix", "Suffix"))
    return (
        not isinstance(begins, list) or any(name.startswith(str(each)) for each in begins)
    ) and (not isinstance(ends, list) or any(name.endswith(str(each)) for each in ends))


def _days(age: object) -> int | None:
    is_number = isinstance(age, int) and not isinstance(age, bool)
    return age if is_number and isinstance(age, int) and 0 <= age <= _LONGEST else None


def _part(rule: object, name: str) -> JsonObject:
    value = rule.get(name) if isinstance(rule, dict) else None
    return value if isinstance(value, dict) else {}
