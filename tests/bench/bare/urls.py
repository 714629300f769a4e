from django.urls import include, path

from tests.bench.bare.views import BareInsert, BareRead

urlpatterns = [
    path("bare/notes/<int:pk>/", BareRead.as_view()),
    path("bare/notes/", BareInsert.as_view()),
    path("", include("config.urls")),
]
