from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cost_examples import GIB, PRICES, close, exact

from console.model.cost.bucket_cost import BucketContents, bucket_month, bucket_spending
from console.model.cost.prices import StorageClass
from console.model.cost.storage_cost import ModelFiles
from console.model.storage import Bucket, Kept, ObjectList, StoredObject, UnfinishedUpload
from console.model.text import SafeText

BUCKET = Bucket(
    name=SafeText("models"),
    location=SafeText("US-CENTRAL1"),
    storage_class=SafeText("STANDARD"),
    soft_delete=timedelta(days=7),
)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def stored(gib: int, storage_class: str = "STANDARD", **fields: object) -> StoredObject:
    made = StoredObject(
        name=SafeText("z_image_turbo.gguf"),
        size=gib * GIB,
        storage_class=SafeText(storage_class),
        crc32c=SafeText("AAAAAA=="),
        generation=1,
        created=FIRST - timedelta(days=90),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def contents(*objects: StoredObject, complete: bool = True, unfinished: int = 0) -> BucketContents:
    uploads = tuple(
        UnfinishedUpload(SafeText("x.gguf"), SafeText(str(number))) for number in range(unfinished)
    )
    return BucketContents(BUCKET, ObjectList(objects, complete), uploads)


REPLACED = stored(
    8,
    kept=Kept.SOFT_DELETED,
    since=FIRST + timedelta(days=10),
    until=FIRST + timedelta(days=17),
)


def test_a_bucket_with_a_model_that_was_uploaded_again() -> None:
    # 8 GiB live and 8 GiB of the copy before: 2 × 8 × 0.020, for as long as both are there
    month = bucket_month(contents(stored(8), REPLACED), PRICES)

    assert exact(month) == Decimal("0.32")
    assert [line.what for line in month.lines] == [
        "Standard storage in us-central1",
        "Standard storage in us-central1, soft-deleted",
    ]


def test_the_month_counts_each_copy_for_its_time() -> None:
    # on the 12th: old copy 10 d live + 1 d soft-deleted, new copy 1 d: 12 × 24 h;
    # at the end:  old copy 10 d live + 7 d soft-deleted, new copy 20 d: 37 × 24 h
    new = stored(8, created=FIRST + timedelta(days=10))

    spending = bucket_spending(contents(new, REPLACED), FIRST + timedelta(days=11), UTC, PRICES)

    assert close(exact(spending.so_far), Decimal("0.16") * 12 * 24 / 730)
    assert close(exact(spending.today), Decimal(0))
    assert close(exact(spending.month_end), Decimal("0.16") * 37 * 24 / 730)


def test_a_replaced_nearline_copy_is_billed_to_its_thirtieth_day() -> None:
    # written on the 1st, replaced on the 11th, gone on the 18th: billed for 30 days
    old = replace(REPLACED, storage_class=SafeText("NEARLINE"), created=FIRST)

    spending = bucket_spending(contents(old), FIRST + timedelta(days=29), UTC, PRICES)

    assert close(exact(spending.so_far), Decimal("0.08") * 30 * 24 / 730)


def test_what_a_bucket_does_not_tell_is_missing_by_name() -> None:
    month = bucket_month(
        contents(stored(8), stored(1, "MULTI_REGIONAL"), complete=False, unfinished=2), PRICES
    )

    assert month.total.text() == "at least $0.16"
    assert month.total.missing == {
        "MULTI_REGIONAL storage in us-central1",
        "objects that were not listed",
        "the parts of unfinished uploads",
    }


def test_parts_of_an_upload_that_was_left_are_kept_and_paid_for() -> None:
    # 8 GiB live and 4 GiB of parts since the 11th: 8 × 0.020 and, in a month of 30 days, on the
    # 26th at 0:00, 4 × 0.020 for 15 × 24 h of 730
    left = UnfinishedUpload(
        SafeText("x.gguf"),
        SafeText("1"),
        FIRST + timedelta(days=10),
        SafeText("STANDARD"),
        4 * GIB,
    )
    bucket = replace(contents(stored(8)), unfinished=(left,))

    month = bucket_month(bucket, PRICES)
    spending = bucket_spending(bucket, FIRST + timedelta(days=25), UTC, PRICES)

    assert exact(month) == Decimal("0.24")
    part = "Standard storage in us-central1, unfinished upload"
    line = spending.so_far.line(part)
    assert line is not None
    assert line.amount.known is not None
    assert close(line.amount.known.likely, Decimal("0.08") * 15 * 24 / 730)


def test_a_bucket_of_many_regions_has_no_price_here() -> None:
    wide = replace(BUCKET, location=SafeText("US"))

    month = bucket_month(BucketContents(wide, ObjectList((stored(8),))), PRICES)

    assert month.total.missing == {"Standard storage in us"}
    assert month.total.known is None


def test_an_empty_bucket_costs_nothing() -> None:
    assert exact(bucket_month(contents(), PRICES)) == 0


def test_an_object_of_unknown_age_was_there_all_month() -> None:
    # 8 × 0.020 × 29 d × 24 h ÷ 730 h
    old = stored(8, created=None)

    spending = bucket_spending(contents(old), FIRST + timedelta(days=29), UTC, PRICES)

    assert close(exact(spending.so_far), Decimal("0.16") * 29 * 24 / 730)


def test_what_a_start_reads_is_what_is_live() -> None:
    found = contents(stored(5), stored(3), stored(1, "NEARLINE"), REPLACED, stored(2, "REGIONAL"))

    assert found.models == (
        ModelFiles(bytes=1 * GIB, region="us-central1", storage_class=StorageClass.NEARLINE),
        ModelFiles(bytes=8 * GIB, region="us-central1"),
    )
