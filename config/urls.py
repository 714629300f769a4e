"""All addresses: the officers' site, the API, and what operators ask."""

from django.contrib import admin
from django.urls import URLPattern, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from cases.api.urls import urlpatterns as cases_api
from config.health import healthz, readyz, statusz
from config.metrics import metrics
from grids.api.urls import urlpatterns as grids_api
from notifications.api.urls import urlpatterns as notifications_api

api: list[URLPattern] = [*grids_api, *notifications_api, *cases_api]
for address in api:
    # A POST to an address without its last slash is an error and not a redirect, which would arrive as a GET.
    address.callback.should_append_slash = False  # type: ignore[attr-defined]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("statusz", statusz),
    path("metrics", metrics),
]

handler400 = "config.problems.bad_request"
handler403 = "config.problems.permission_denied"
handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"
