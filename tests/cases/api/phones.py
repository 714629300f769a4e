"""Bodies and short cuts for the tests of the cases API."""

import uuid
from typing import Any

from cases.api.examples import NEW


def new_case(**changes: Any) -> dict[str, Any]:
    """The example of the document, as another matter each time."""
    return {**NEW, "client_id": str(uuid.uuid4()), **changes}
