"""A field for words, in which a line break is one character, as in the browser's own limit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.plain_text import plain


class TextField(forms.CharField):
    default_error_messages = {
        "max_length": _("At most %(limit_value)d characters; these are %(show_value)d."),
    }

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value) or "")
