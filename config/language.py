"""Which language a page speaks: the officer's own, and Chinese for whoever has not said otherwise."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class OfficerLanguage:
    """Behind LocaleMiddleware and the login: the API goes on following Accept-Language, pages do not.

    An office computer is often installed in English; that says nothing about the officer in front of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            translation.activate(chosen_language(request))
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


def chosen_language(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        language = request.user.language
    else:
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
