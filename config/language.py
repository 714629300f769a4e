"""Which language a page speaks: the officer's own, and Chinese for whoever has not said otherwise."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_noop, ngettext_lazy

#: What Django and others say in Chinese already and our catalogue says anew: officers are addressed as 您, and the
#: words of a page are those of its neighbours.
_SAID_ANEW = (
    gettext_noop("Filters"),
    gettext_noop("Password change"),
    gettext_noop("Your password was changed."),
    gettext_noop("Your old password was entered incorrectly. Please enter it again."),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be entirely numeric."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your new password twice "
        "so we can verify you typed it in correctly."
    ),
    gettext_noop("Enter the same password as before, for verification."),
    gettext_noop("Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only."),
    gettext_noop(
        "Designates whether this user should be treated as active. Unselect this instead of deleting accounts."
    ),
    gettext_noop("Are you sure?"),
    gettext_noop("Enter a valid date."),
    gettext_noop("Enter a valid time."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
)


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
