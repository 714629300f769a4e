"""The one error of the embedded services."""


class EmbeddedError(Exception):
    """Something outside this program is in the way; the text is one sentence for who sits at the keyboard."""
