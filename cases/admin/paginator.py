"""Pages without a count: counting a big list costs more than showing it (house rule 12)."""

from django.utils.functional import cached_property
from unfold.paginator import InfinitePaginator as Endless

_LAST_PAGE = 400


class InfinitePaginator(Endless):
    """Named as unfold's own, because its templates ask for that name. An offset beyond the last page is refused."""

    @cached_property
    def count(self) -> int:
        return int(self.per_page) * _LAST_PAGE
