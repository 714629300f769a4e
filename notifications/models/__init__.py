from notifications.models.address import Address, Choice
from notifications.models.delivery import Delivery, DeliveryItem
from notifications.models.message import Message
from notifications.models.terms import ChannelTerms, Demand, OfficeHours
from notifications.models.wording import Wording

__all__ = [
    "Address",
    "ChannelTerms",
    "Choice",
    "Delivery",
    "DeliveryItem",
    "Demand",
    "Message",
    "OfficeHours",
    "Wording",
]
