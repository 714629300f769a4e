"""Addresses of this room under /api/v1/."""

from django.urls import path

from notifications.api.views import InboxView, ReadAllView, ReadView

urlpatterns = [
    path("notifications/", InboxView.as_view()),
    path("notifications/read-all/", ReadAllView.as_view()),
    path("notifications/<int:message_id>/read/", ReadView.as_view()),
]
