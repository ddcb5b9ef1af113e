"""The row of the Overview that says what is in the bucket of a service."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.model.freshness import Freshness, Freshnesses, Standing
from console.model.service import ServiceFacts, ServiceName, ServiceSnapshot, Volume
from console.model.storage import Weights
from console.model.text import SafeText
from console.widgets.cloud_facts import cloud_facts

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BUCKET = SafeText("models")
PLACE = "gs://models at /models"
FRESH = Freshness(Standing.FRESH, NOON)


def row(weights: Weights | None, known: Freshness) -> str:
    facts = ServiceFacts(
        name=ServiceName("sandbox", "local-1", "zimage"),
        volumes=(Volume(BUCKET, SafeText("/models"), read_only=True),),
    )
    snapshot = ServiceSnapshot(facts=facts, weights=weights, fresh=Freshnesses(weights=known))
    return dict(cloud_facts(snapshot, facts, NOON))["models"].plain


@pytest.mark.parametrize(
    ("weights", "known", "said"),
    [
        (None, Freshness(), PLACE),
        (Weights(BUCKET, 3, 7_800_000_000), FRESH, f"3 objects, 7.8 GB · {PLACE}"),
        (Weights(BUCKET, 0, 0), FRESH, f"empty · {PLACE}"),
        (
            Weights(BUCKET, 3, 7_800_000_000),
            FRESH.failed(Standing.ERROR, SafeText("broken"), None),
            f"no new answer · 3 objects, 7.8 GB · {PLACE}",
        ),
        (
            None,
            Freshness().failed(Standing.DENIED, SafeText("no"), None, needs="storage.objects.list"),
            f"needs storage.objects.list · {PLACE}",
        ),
        (
            Weights(BUCKET, 3, 5),
            Freshness().failed(Standing.ABSENT, SafeText("there is none"), None),
            f"no such bucket · {PLACE}",
        ),
        (Weights(SafeText("another"), 3, 5), FRESH, PLACE),
    ],
)
def test_it_says_what_is_there_and_how_well_that_is_known(
    weights: Weights | None, known: Freshness, said: str
) -> None:
    assert row(weights, known) == said
