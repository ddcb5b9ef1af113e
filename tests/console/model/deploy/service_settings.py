"""Settings of services of every kind, for tests of properties."""

from __future__ import annotations

from hypothesis import strategies as st

from console.model.cost.prices import Gpu
from console.model.deploy.settings import (
    Ingress,
    Mount,
    Probe,
    ProbeKind,
    Secret,
    ServiceSettings,
)

WORDS = st.text("abcdefghij-", min_size=1, max_size=8)
NAMES = st.text("ABCDEFG_", min_size=1, max_size=6)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=0, max_size=12
)
PATHS = WORDS.map("/{}".format)
SWITCHES = st.booleans() | st.none()


def counts(least: int, most: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(least, most)


PROBES = st.builds(
    Probe,
    kind=st.just(ProbeKind.HTTP),
    path=PATHS,
    port=st.integers(1, 65_535),
    period=st.integers(1, 240),
    timeout=st.integers(1, 240),
    failures=st.integers(1, 100),
    delay=st.integers(0, 240),
) | st.builds(
    Probe,
    kind=st.sampled_from((ProbeKind.TCP, ProbeKind.GRPC)),
    port=st.integers(1, 65_535),
    failures=st.integers(1, 100),
)
MOUNTS = st.lists(
    st.builds(
        Mount,
        bucket=WORDS,
        path=PATHS,
        read_only=st.booleans(),
        options=st.lists(WORDS, max_size=2).map(tuple),
    ),
    max_size=3,
    unique_by=lambda mount: mount.path,
).map(tuple)
VARIABLES = st.dictionaries(NAMES, TEXTS, max_size=3).map(lambda each: tuple(each.items()))
SECRETS = st.lists(
    st.builds(Secret, variable=NAMES.map("S{}".format), secret=WORDS, version=WORDS),
    max_size=2,
    unique_by=lambda secret: secret.variable,
).map(tuple)
LABELS = st.dictionaries(WORDS, WORDS, max_size=2).map(lambda each: tuple(sorted(each.items())))


@st.composite
def settings(draw: st.DrawFn, *, all_said: bool = False) -> ServiceSettings:
    """With `all_said` nothing is left to the platform for which it has a word of its own."""
    switches = st.booleans() if all_said else SWITCHES
    return ServiceSettings(
        image=draw(WORDS),
        cpu=draw(st.sampled_from(("1", "2", "4", "4000m", "8", "500m"))),
        memory=draw(st.sampled_from(("512Mi", "16Gi", "16384Mi", "4G"))),
        gpu=draw(st.sampled_from((None, *Gpu))),
        gpu_zonal_redundancy=draw(SWITCHES),
        cpu_always=draw(switches),
        cpu_boost=draw(switches),
        port=draw(st.integers(1, 65_535)),
        concurrency=draw(counts(1, 1_000)),
        timeout=draw(counts(1, 3_600)),
        min_instances=draw(counts(0, 5)),
        max_instances=draw(counts(1, 100)),
        manual_instances=draw(counts(0, 5)),
        second_generation=draw(SWITCHES),
        service_account=draw(st.none() | WORDS),
        probe=draw(st.none() | PROBES),
        mounts=draw(MOUNTS),
        variables=draw(VARIABLES.map(_not_secret)),
        secrets=draw(SECRETS),
        ingress=draw(st.sampled_from(Ingress)),
        callers_unchecked=draw(st.booleans()),
        labels=draw(LABELS),
    )


def _not_secret(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Let no variable be called as a secret is."""
    return tuple((f"V{name}", value) for name, value in pairs)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("template", "containers", "resources", "limits", "cpu", "memory", "ports"),
                    *("containerPort", "env", "name", "value", "valueSource", "secretKeyRef"),
                    *(
                        "volumes",
                        "gcs",
                        "volumeMounts",
                        "mountPath",
                        "scaling",
                        "labels",
                        "timeout",
                    ),
                    *(
                        "minInstanceCount",
                        "startupProbe",
                        "httpGet",
                        "nodeSelector",
                        "mountOptions",
                    ),
                )
            )
            | TEXTS,
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
BODIES = st.dictionaries(
    st.sampled_from(("template", "scaling", "labels", "ingress", "annotations")) | TEXTS, JSON
)
