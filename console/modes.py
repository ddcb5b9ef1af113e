"""The screens by their modes: each is imported and made when it is first shown.

What a screen is made of takes its time to be imported, and the first frame shows one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from textual.screen import Screen

from console.screens.base import SCREENS, Surroundings
from console.screens.overview import OverviewScreen

if TYPE_CHECKING:
    from console.screens.deploy_keeper import DeployKeeper
    from console.store import Store

MODES: Final = tuple(name.removeprefix("app.") for name in SCREENS)
"""The modes in the order of their tabs."""

OpenDeployer = Callable[[str, "Store"], "DeployKeeper | None"]
"""Returns what takes wishes about the deployment of a context, None where there can be none."""


def modes(
    surroundings: Surroundings, open_deployer: OpenDeployer | None
) -> Mapping[str, Callable[[], Screen[None]]]:
    """Return what makes the screen of each mode; surroundings without a context ask for one."""

    def overview() -> Screen[None]:
        if surroundings.context:
            return OverviewScreen(surroundings)
        from console.screens.welcome import WelcomeScreen

        return WelcomeScreen()

    def coldstarts() -> Screen[None]:
        from console.screens.coldstarts import ColdStartsScreen

        return ColdStartsScreen(surroundings)

    def logs() -> Screen[None]:
        from console.screens.logs import LogsScreen

        return LogsScreen(surroundings)

    def cost() -> Screen[None]:
        from console.screens.cost import CostScreen

        return CostScreen(surroundings)

    def generate() -> Screen[None]:
        from console.screens.generate import GenerateScreen

        return GenerateScreen(surroundings)

    def models() -> Screen[None]:
        from console.screens.models import ModelsScreen

        return ModelsScreen(surroundings)

    def deploy() -> Screen[None]:
        from console.screens.deploy import DeployScreen

        if open_deployer is not None and surroundings.deployer is None:
            surroundings.deployer = open_deployer(surroundings.context, surroundings.store)
        return DeployScreen(surroundings)

    made = (overview, coldstarts, logs, cost, generate, models, deploy)
    return {each.__name__: each for each in made}
