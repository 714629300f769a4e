"""What a mail server of the tests was given, as people read it."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.notifications.channels.servers import Post


def mails(post: Post) -> list[EmailMessage]:
    found = []
    for envelope in post.taken:
        assert isinstance(envelope.content, bytes)
        found.append(message_from_bytes(envelope.content, policy=default))
    return found


def texts(post: Post) -> list[str]:
    return [f"{mail['Subject']}\n{mail.get_content()}" for mail in mails(post)]
