"""Encrypted columns of this room's tables; migrations name this module."""

from notifications.encryption import EncryptedTextField, cipher

__all__ = ["EncryptedTextField", "cipher"]
