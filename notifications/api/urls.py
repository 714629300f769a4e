"""Addresses of this room under /api/v1/."""

from django.urls import path

from notifications.api.preferences import AddressesView, AddressView, PreferencesView
from notifications.api.views import InboxView, ReadAllView, ReadView

urlpatterns = [
    path("notifications/", InboxView.as_view()),
    path("notifications/read-all/", ReadAllView.as_view()),
    path("notifications/preferences/", PreferencesView.as_view()),
    path("notifications/addresses/", AddressesView.as_view()),
    path("notifications/addresses/<int:address_id>/", AddressView.as_view()),
    path("notifications/<int:message_id>/read/", ReadView.as_view()),
]
