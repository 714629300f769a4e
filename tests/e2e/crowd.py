"""Many cases in the data of a running demo: `python -m tests.e2e.crowd 20000`."""

import os
import sys

from config.embedding import embed_missing


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    embed_missing()

    import django

    django.setup()

    from cases.models import Case
    from cases.terms import Status
    from tests.cases.api.crowd import multiply

    closed = Case.objects.filter(status=Status.CLOSED, sealed=False).order_by("-pk").values_list("pk", flat=True)[0]
    multiply(closed, count)


if __name__ == "__main__":
    main(int(sys.argv[1]))
