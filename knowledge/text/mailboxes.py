"""Addresses of mailboxes, each in one spelling."""

from typing import Final

# Longer ones are none; and a domain is read in a time that grows faster than its length.
MAILBOX_MOST: Final = 254


def mailbox(text: str) -> str:
    """The address as mail finds its way to it: without white space around, its domain as IDNA reads it.

    So what is a@example.org to every mail server, in wide letters say, is that to us, too. What is no address comes
    back as it is, but for the white space.
    """
    bare = text.strip()
    name, at, domain = bare.rpartition("@")
    if len(bare) > MAILBOX_MOST:
        return bare
    try:
        return name + at + domain.encode("idna").decode("idna").lower()
    except UnicodeError:
        return bare


def whose_mailbox(address: str) -> str:
    """The address without what stands behind a “+”, which most servers put into the same mailbox."""
    name, at, domain = address.rpartition("@")
    return name.partition("+")[0] + at + domain
