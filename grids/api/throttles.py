"""How often one address may ask. Behind TRUSTED_PROXIES it is the one that the last of them saw."""

import ipaddress

from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle

#: A household or an office holds a whole network of IPv6 addresses; its first 64 bits are what IPv4 calls an address.
_HOUSEHOLD = 64


class AddressThrottle(ScopedRateThrottle):
    """By the view's `throttle_scope`; rates stand in settings, counts in the memory of each web process."""

    def get_ident(self, request: Request) -> str:
        said = super().get_ident(request) or ""
        try:
            address = ipaddress.ip_address(said)
        except ValueError:
            return said  # a Unix socket has none
        if isinstance(address, ipaddress.IPv6Address):
            return str(address.ipv4_mapped or ipaddress.ip_network((address, _HOUSEHOLD), strict=False))
        return said
