"""Addresses of this room under /api/v1/."""

from django.urls import path

from grids.api.auth import LoginView, LogoutAllView, LogoutView
from grids.api.devices import TokensView, TokenView
from grids.api.places import AreasView, DepartmentsView, LocateView

urlpatterns = [
    path("auth/login/", LoginView.as_view()),
    path("auth/logout/", LogoutView.as_view()),
    path("auth/logout-all/", LogoutAllView.as_view()),
    path("me/tokens/", TokensView.as_view()),
    path("me/tokens/<str:token_id>/", TokenView.as_view()),
    path("areas/", AreasView.as_view()),
    path("areas/locate/", LocateView.as_view()),
    path("departments/", DepartmentsView.as_view()),
]
