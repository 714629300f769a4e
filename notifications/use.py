"""Which channels this installation uses: by an administrator's word, else as far as they have what they need."""

from notifications.channels import carrier_of
from notifications.models import ChannelTerms
from notifications.states import ChannelName


def is_used(terms: ChannelTerms) -> bool:
    """A mail server that is named or taken away later switches its channel by itself, unless somebody decided."""
    return carrier_of(ChannelName(terms.channel)).is_configured() if terms.is_on is None else terms.is_on


def channels_in_use() -> list[ChannelName]:
    """In the order of the closed list. One statement."""
    used = {terms.channel for terms in ChannelTerms.objects.all() if is_used(terms)}
    return [channel for channel in ChannelName if channel in used]
