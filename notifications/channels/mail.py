"""E-mail over SMTP: one connection for a lane, plain text, the same Message-ID at every attempt."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from notifications.failures import CONNECTION_LOST, SERVER_ANSWERED, SERVER_AWAY, SERVER_REFUSED_US
from notifications.parcels import Parcel, Permanent, Temporary
from notifications.states import ChannelName

#: What a server says of a mailbox that is not there (RFC 5321, 4.2.3); other refusals may concern the message alone.
_NO_MAILBOX = frozenset({550, 551, 553})
_LOST = (smtplib.SMTPServerDisconnected, ssl.SSLError, OSError)


@dataclass(slots=True)
class MailSender:
    """An open connection. One that was lost in the middle is opened anew for the next parcel."""

    backend: EmailBackend

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """The server took it over, or Temporary, or Permanent."""
        try:
            self.backend.open()
            self.backend.send_messages([_mail(parcel, now)])
        except smtplib.SMTPRecipientsRefused as refusal:
            (code, _answer) = next(iter(refusal.recipients.values()))
            raise _refused(code, gone=code in _NO_MAILBOX) from None
        except smtplib.SMTPDataError as refusal:
            self._drop()
            raise _refused(refusal.smtp_code) from None
        except smtplib.SMTPResponseException as refusal:  # the sender, the login, the greeting: not this recipient
            self._drop()
            raise Temporary(SERVER_REFUSED_US.of(refusal.smtp_code), everybody=True) from None
        except (smtplib.SMTPException, *_LOST) as error:
            self._drop()
            raise Temporary(CONNECTION_LOST.of(type(error).__name__)) from None

    def _drop(self) -> None:
        with suppress(*_LOST, smtplib.SMTPException):
            self.backend.close()
        self.backend.connection = None


@dataclass(frozen=True, slots=True)
class Mail:
    name: ChannelName = ChannelName.EMAIL
    lanes: int = 2

    def is_configured(self) -> bool:
        return bool(settings.EMAIL_HOST)

    @contextmanager
    def open(self, *, timeout: float) -> Iterator[MailSender]:
        """Temporary for everybody when the server is gone or refuses the login."""
        backend = EmailBackend(timeout=timeout)
        try:
            backend.open()
        except (smtplib.SMTPException, *_LOST) as error:
            raise Temporary(SERVER_AWAY.of(type(error).__name__), everybody=True) from None
        sender = MailSender(backend)
        try:
            yield sender
        finally:
            sender._drop()  # noqa: SLF001 — its own channel ends it


def _mail(parcel: Parcel, now: datetime) -> EmailMessage:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {
        "Message-ID": f"<{parcel.key}@{domain}>",
        "Date": f"{now:%a, %d %b %Y %H:%M:%S %z}",
        "Auto-Submitted": "auto-generated",
    }
    subject = " ".join(parcel.subject.split())  # a header is one line
    return EmailMessage(subject, parcel.body or parcel.subject, to=[parcel.target], headers=headers)


def _refused(code: int, *, gone: bool = False) -> Temporary | Permanent:
    """4xx may pass; a server that shuts down or asks for a login concerns everybody."""
    if code in {421, 454, 530, 534, 535}:
        return Temporary(SERVER_ANSWERED.of(code), everybody=True)
    if 400 <= code < 500:
        return Temporary(SERVER_ANSWERED.of(code))
    return Permanent(SERVER_ANSWERED.of(code), gone=gone)
