"""What the screen of the deployment wishes for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from console.model.deploy.choices import Choices
    from console.model.deploy.observed import ServiceSeen
    from console.model.deploy.step import Plan
    from console.model.service import ServiceName, TrafficShare


class DeployKeeper(Protocol):
    """What turns wishes about a deployment into plans; `console.session.deploy_desk` has one.

    What comes of a wish is in the store. All of them but `stop` raise `EngineFailed` while a plan
    is carried out.
    """

    @property
    def place(self) -> ServiceName:
        """The service that is deployed."""
        ...

    def wanted(self) -> None:
        """Somebody comes to see the deployment."""
        ...

    async def choices(self) -> Choices:
        """Return what was chosen last, or is usual; raises `ValueError` and `SourceError`."""
        ...

    async def service(self) -> ServiceSeen:
        """Return the service with its revisions; raises `SourceError`."""
        ...

    def deploy(self, choices: Choices) -> None:
        """Plan a deployment; raises `ValueError` for what contradicts itself."""
        ...

    def roll_back(self, revision: str) -> None:
        """Plan to send all requests to a revision; empty: to the one that served before."""
        ...

    def split(self, shares: tuple[TrafficShare, ...]) -> None:
        """Plan to split requests between revisions."""
        ...

    def scale(self, instances: int | None) -> None:
        """Plan to hold so many instances by hand, None: as many as are needed."""
        ...

    def destroy(self, *, with_bucket: bool) -> None:
        """Plan to remove what was deployed, with the bucket or without."""
        ...

    def drift(self) -> None:
        """Plan what was deployed from here last once more."""
        ...

    def again(self) -> None:
        """Plan once more what was planned last, or begun and not ended."""
        ...

    def apply(self, plan: Plan) -> None:
        """Carry a plan out."""
        ...

    def stop(self) -> bool:
        """Stop looking, or after what is done now; says whether anything was."""
        ...

    async def close(self) -> None:
        """End; what is under way in the cloud goes on, and is waited for the next time."""
        ...
