import pytest

from console.model.access import Grant, Openness, Policy, access
from console.model.text import SafeText

INVOKER = SafeText("roles/run.invoker")
EVERYBODY = Policy((Grant(INVOKER, (SafeText("allUsers"),)),))
ADA = Policy((Grant(INVOKER, (SafeText("user:ada@example.com"),)),))
ALL = SafeText("ALL")


def judged(policy: Policy | None, *, check_is_off: bool = False, ingress: str = "ALL") -> str:
    return str(access(check_is_off=check_is_off, ingress=SafeText(ingress), policy=policy))


def test_a_service_is_public_when_nobody_is_checked_whatever_its_policy_says() -> None:
    assert judged(ADA, check_is_off=True) == "public: callers are not checked"
    assert judged(None, check_is_off=True) == "public: callers are not checked"


def test_a_service_is_public_when_all_users_may_call() -> None:
    assert judged(EVERYBODY) == "public: allUsers has roles/run.invoker"


def test_every_account_is_as_good_as_everybody() -> None:
    policy = Policy((Grant(INVOKER, (SafeText("allAuthenticatedUsers"),)),))
    assert judged(policy) == "public: whoever has a Google account may call"


def test_all_users_under_a_role_that_calls_nothing_make_nothing_public() -> None:
    policy = Policy((Grant(SafeText("roles/run.viewer"), (SafeText("allUsers"),)),))
    assert judged(policy) == "private: nobody named by policy"


def test_a_private_service_tells_how_many_its_policy_names() -> None:
    twice = Policy((*ADA.grants, *ADA.grants))
    assert judged(twice) == "private: 1 named by policy"


def test_who_may_call_is_unknown_without_the_policy() -> None:
    known = access(check_is_off=False, ingress=ALL, policy=None, unknown="needs a permission")
    assert (known.openness, known.why) == (Openness.UNKNOWN, "needs a permission")


def test_a_condition_of_the_grant_is_told() -> None:
    grant = Grant(INVOKER, (SafeText("allUsers"),), SafeText("until Friday"))
    assert judged(Policy((grant,))) == "public: allUsers has roles/run.invoker if 'until Friday'"


@pytest.mark.parametrize(
    ("ingress", "limit"),
    [("INTERNAL_ONLY", "inside"), ("INTERNAL_LOAD_BALANCER", "balancer"), ("NONE", "no way in")],
)
def test_a_limited_way_in_is_told_with_it(ingress: str, limit: str) -> None:
    assert limit in judged(EVERYBODY, ingress=ingress)
    assert limit in judged(ADA, ingress=ingress)
