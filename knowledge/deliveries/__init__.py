"""Digests by mail: to whom each goes, when, what of it, and what became of it.

    planning.py   a row in the ledger for every subscription, when a digest is ready
    timing.py     when a person's morning is, and when to try again
    ledger.py     the states of a delivery, each change of state settled by the database
    selection.py  what of a digest is for this person, and new to them
    letter.py     the mail: its subject, text and HTML, and its headers
    sending.py    sending what is due, and what the mail server's answers mean
    leaving.py    ending a subscription by the link in a mail

The guarantee: each row of the ledger ends as SENT, SKIPPED or FAILED, once. A mail goes twice only where its sender
died, or was cut off, between the mail server's 250 and the commit after it; then with the same Message-ID.
"""

from knowledge.deliveries.leaving import leave, subscription_of
from knowledge.deliveries.ledger import retry_delivery
from knowledge.deliveries.planning import plan_deliveries, plan_waiting
from knowledge.deliveries.sending import send_due

__all__ = ["leave", "plan_deliveries", "plan_waiting", "retry_delivery", "send_due", "subscription_of"]
