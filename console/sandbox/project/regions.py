"""Where services can be made besides the sandbox's own region, and where there are which GPUs.

Source: https://cloud.google.com/run/docs/locations, as of autumn 2026.
"""

from __future__ import annotations

from typing import Final

GOOGLES: Final = (
    *("africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2"),
    *("asia-northeast3", "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2"),
    *("australia-southeast1", "australia-southeast2", "europe-central2", "europe-north1"),
    *("europe-north2", "europe-southwest1", "europe-west1", "europe-west10", "europe-west12"),
    *("europe-west2", "europe-west3", "europe-west4", "europe-west6", "europe-west8"),
    *("europe-west9", "me-central1", "me-central2", "me-west1", "northamerica-northeast1"),
    *("northamerica-northeast2", "northamerica-south1", "southamerica-east1"),
    *("southamerica-west1", "us-central1", "us-east1", "us-east4", "us-east5", "us-south1"),
    *("us-west1", "us-west2", "us-west3", "us-west4"),
)
L4: Final = "nvidia-l4"
RTX: Final = "nvidia-rtx-pro-6000"
GPUS: Final = {
    L4: (
        *("asia-southeast1", "asia-south1", "europe-west1", "europe-west4", "us-central1"),
        "us-east4",
    ),
    RTX: ("asia-southeast1", "asia-south2", "europe-west4", "us-central1"),
}


def offers(region: str, gpu: str) -> bool:
    """Say whether a region has a GPU; the sandbox's own has every one."""
    return gpu in GPUS and (region not in GOOGLES or region in GPUS[gpu])
