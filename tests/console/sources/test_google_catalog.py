"""Google's price catalog over a real connection: the sandbox's, and one that a test makes up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from google_over_http import answering
from scripted_google import NOON
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.model.cost.live_prices import price_changes, prices_label
from console.model.cost.sku_keys import CLOUD_RUN
from console.sandbox.gateway import refusal
from console.sandbox.project.billing_catalog import BillingCatalog
from console.sources.base import Denied, Malformed
from console.sources.catalog import sku_of
from console.sources.google_channel import GoogleCloud
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest
from console.sources.prices import packaged_prices

PACKAGED = packaged_prices()


async def asked(cloud: GoogleCloud):
    return await cloud.prices.prices("p-1", PACKAGED.regions)


async def test_the_sandbox_and_the_packaged_list_were_written_apart_and_agree() -> None:
    async with answering(BillingCatalog(lambda: NOON).routes()) as cloud:
        catalog = await asked(cloud)

    assert (len(catalog.prices), catalog.ambiguous) == (64, {})
    assert catalog.fetched_at == NOON
    assert price_changes(PACKAGED, catalog) == ()
    assert prices_label(PACKAGED, catalog).words == (
        "64 of 77 prices from Google's catalog of 2026-11-24, the rest from the list of "
        "2026-10-08, 9 not verified"
    )


async def test_a_price_says_which_entry_of_which_day_it_is() -> None:
    async with answering(BillingCatalog(lambda: NOON).routes()) as cloud:
        catalog = await asked(cloud)

    price = catalog.prices["run/tier-2/cpu/request"]
    assert price.source is not None
    assert price.source.what == "Cloud Billing Catalog, SKU 085C-A237-027A"
    assert price.source.date == NOON.date()


async def test_a_long_catalog_is_read_to_its_end() -> None:
    entries = [entry(f"Jobs CPU in place {number}") for number in range(2_500)]
    services = ({"id": CLOUD_RUN, "name": "Cloud Run", "skus": [*entries, entry(CPU)]},)
    others = ("95FF-2EF5-5EA1", "149C-F9EC-3994", "5490-F7B7-8DF6", "8B5D-EF7D-EB12")
    empty = tuple({"id": each, "name": each, "skus": []} for each in others)
    async with answering(BillingCatalog(lambda: NOON, services + empty).routes()) as cloud:
        catalog = await asked(cloud)

    assert list(catalog.prices) == ["run/tier-1/cpu/instance"]
    assert catalog.skipped == 2_500


CPU = "Services CPU (Instance-based billing) in us-central1"


def entry(description: str) -> dict[str, object]:
    return {
        "description": description,
        "family": "ApplicationServices",
        "group": "Compute",
        "usage": "OnDemand",
        "regions": ["us-central1"],
        "unit": "s",
        "tiers": [[0, "0.000018"]],
    }


def item(*rates: object, **changed: object) -> dict[str, object]:
    """An entry as the catalog tells it, with such tiers."""
    expression = {"usageUnit": "s", "tieredRates": list(rates)}
    pricing = {"effectiveTime": "2026-11-01T00:00:00Z", "pricingExpression": expression}
    return {
        "skuId": "A",
        "description": CPU,
        "category": {"usageType": "OnDemand"},
        "serviceRegions": ["us-central1"],
        "pricingInfo": [pricing],
        **changed,
    }


def rate(units: object = "0", nanos: object = 18_000, currency: str = "USD", start: object = 0):
    return {
        "startUsageAmount": start,
        "unitPrice": {"currencyCode": currency, "units": units, "nanos": nanos},
    }


def price_of(told: dict[str, object]) -> Decimal | None:
    read = sku_of(told, CLOUD_RUN, NOON)
    return None if read is None else read.usd


def test_units_and_nanos_are_added_exactly() -> None:
    assert price_of(item(rate("12", 345_678_901))) == Decimal("12.345678901")
    assert price_of(item(rate("0", 400))) == Decimal("0.0000004")
    assert price_of(item(rate("3", 0))) == Decimal(3)


def test_tiers_are_put_in_order() -> None:
    assert price_of(item(rate(nanos=400, start=2_000_000), rate(nanos=0))) == Decimal("4E-7")


NONSENSE = [
    rate(currency="EUR"),
    rate(currency=""),
    rate(units="-1"),
    rate(units="1e3"),
    rate(units="٣"),
    rate(units=True),
    rate(units="9" * 40),
    rate(nanos=10**9),
    rate(nanos=-1),
    rate(nanos=0.5),
    rate(start=-1),
    rate(start="0"),
    rate(start=float("inf")),
    {"startUsageAmount": 0},
    {},
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=str)
def test_a_tier_that_makes_no_sense_makes_no_price(wrong: dict[str, object]) -> None:
    assert price_of(item(rate(), wrong)) is None


def test_the_prices_in_force_count_not_those_to_come() -> None:
    def since(when: str, nanos: int) -> dict[str, object]:
        expression = {"usageUnit": "s", "tieredRates": [rate(nanos=nanos)]}
        return {"effectiveTime": when, "pricingExpression": expression}

    told = item(
        pricingInfo=[
            since("2026-01-01T00:00:00Z", 1),
            since("2026-11-24T12:00:02.123456789Z", 2),
            since("2027-01-01T00:00:00Z", 3),
        ]
    )

    assert price_of(told) == Decimal("2E-9")


@pytest.mark.parametrize(
    "wrong",
    [
        {"skuId": ""},
        {"description": None},
        {"pricingInfo": []},
        {"pricingInfo": "soon"},
        {"pricingInfo": [{"effectiveTime": "2030-01-01T00:00:00Z"}]},
    ],
    ids=str,
)
def test_an_entry_without_a_name_or_a_price_is_passed_over(wrong: dict[str, object]) -> None:
    assert sku_of(item(rate(), **wrong), CLOUD_RUN, NOON) is None


def test_words_of_the_catalog_are_made_safe() -> None:
    read = sku_of(item(rate(), description="Requests\x1b[2J"), CLOUD_RUN, NOON)

    assert read is not None
    assert "\x1b" not in read.description


class Logged:
    """An `Authorization` of a login that may name a project to ask as."""

    def __init__(self, **headers: str) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    async def headers(self) -> dict[str, str]:
        return self._headers


class Switched:
    """A catalog that is enabled in some projects, and remembers as which it was asked."""

    def __init__(self, *enabled: str) -> None:
        self._enabled = enabled
        self.asked_as: list[str] = []

    def routes(self) -> list[Route]:
        return [Route("/v1/services/{service}/skus", self._answer)]

    async def _answer(self, request: Request) -> Response:
        project = request.headers.get("x-goog-user-project", "")
        self.asked_as.append(project)
        return JSONResponse({}) if project in self._enabled else _not_enabled()


def _not_enabled() -> Response:
    reason = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": "cloudbilling.googleapis.com"},
    }
    error = {"code": 403, "message": "disabled", "status": "PERMISSION_DENIED", "details": [reason]}
    return JSONResponse({"error": error}, 403)


async def test_a_login_without_a_project_asks_as_the_one_of_the_context() -> None:
    switched = Switched("p-1")
    async with answering(switched.routes()) as cloud:
        catalog = await asked(cloud)

    assert catalog.prices == {}
    assert switched.asked_as == ["", *["p-1"] * 5]


async def test_where_the_interface_is_off_it_is_said_how_to_switch_it_on() -> None:
    async with answering(Switched().routes()) as cloud:
        with pytest.raises(Denied) as told:
            await asked(cloud)

    assert told.value.message == (
        "cannot read Google's price catalog: cloudbilling.googleapis.com is not enabled in p-1; "
        "run `gcloud services enable cloudbilling.googleapis.com --project p-1`"
    )


async def test_the_project_that_the_login_names_is_the_one_to_be_mended() -> None:
    switched = Switched()
    async with answering(switched.routes()) as cloud:
        rest = GoogleRest(Logged(x_goog_user_project="q-9"), cloud.prices._rest._base)
        try:
            asking = Asked("read it", "", "cloudbilling.googleapis.com", "")
            with pytest.raises(Denied, match="--project q-9"):
                await rest.get(asking, f"/v1/services/{CLOUD_RUN}/skus", {}, asking_as="p-1")
        finally:
            await rest.aclose()

    assert switched.asked_as == ["q-9"]


async def test_who_may_not_ask_as_the_project_is_told_the_permission_and_the_role() -> None:
    async def answer(request: Request) -> Response:
        return refusal(
            403,
            "Caller does not have required permission to use project p-1. Grant the caller the "
            "roles/serviceusage.serviceUsageConsumer role, or a custom role with the "
            "serviceusage.services.use permission.",
        )

    async with answering([Route("/v1/services/{service}/skus", answer)]) as cloud:
        with pytest.raises(Denied) as told:
            await asked(cloud)

    assert told.value.permission == "serviceusage.services.use"
    assert told.value.role == "roles/serviceusage.serviceUsageConsumer"


async def test_an_answer_that_is_no_catalog_is_refused_or_empty() -> None:
    async def answer(request: Request) -> Response:
        return Response("<html>", media_type="text/html")

    async with answering([Route("/v1/services/{service}/skus", answer)]) as cloud:
        with pytest.raises(Malformed):
            await asked(cloud)


async def test_the_sandbox_lists_its_services_in_pages_and_refuses_other_currencies() -> None:
    async with answering(BillingCatalog(lambda: datetime.now(UTC)).routes()) as cloud:
        rest: GoogleRest = cloud.prices._rest
        asking = Asked("list services", "p-1", "cloudbilling.googleapis.com", "")
        pages = [page async for page in rest.pages(asking, "/v1/services", {"pageSize": "2"})]
        with pytest.raises(Exception, match="currency 'EUR' is not known"):
            await rest.get(asking, f"/v1/services/{CLOUD_RUN}/skus", {"currencyCode": "EUR"})

    assert [len(page["services"]) for page in pages] == [2, 2, 1]
    assert pages[0]["services"][0]["serviceId"] == CLOUD_RUN
