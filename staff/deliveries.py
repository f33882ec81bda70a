"""Deliveries of digests by mail: those that failed, and why; the others one filter away."""

from typing import Any

from knowledge.deliveries import retry_delivery
from knowledge.models import DeliveryStatus, DigestDelivery
from staff.filters import Choice
from staff.pages import Page
from staff.verbs import Deed, Done, Verb


class Outcome(Choice):
    """What became of them: FAILED unless something else is chosen."""

    title = parameter_name = field = "status"
    values = (*DeliveryStatus.choices, ("any", "All"))

    def choices(self, changelist: Any) -> Any:
        """The values, without a choice of none: FAILED stands in for it."""
        for value, label in self.lookup_choices:
            address = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.value() == value, "query_string": address, "display": label}

    def value(self) -> str:
        """The one that was chosen."""
        return super().value() or DeliveryStatus.FAILED.value

    def condition(self, value: str) -> dict[str, Any]:
        """Every row, or those of one status."""
        return {} if value == "any" else super().condition(value)


def _retry(deed: Deed) -> Done:
    delivery = retry_delivery(deed.viewer, delivery_id=deed.row.pk, now=deed.now)
    return Done(f"It is {delivery.status} again, and goes out with the next round.", delivery.pk)


class Deliveries(Page):
    """Mails that did not go out."""

    title = "Failed deliveries"
    related = ("recipient", "digest")
    list_display = ("recipient", "digest", "status", "reason", "attempts", "created_at")
    list_display_links = ("recipient", "digest")
    list_filter = (Outcome,)
    search_fields = ("=recipient__username", "digest__title", "reason")
    search_help_text = "The recipient's username, or a part of the digest's title or of the reason."
    ordering = ("-created_at", "-pk")
    fields = (
        "recipient",
        "digest",
        "status",
        "reason",
        "attempts",
        "window_start",
        "window_end",
        "created_at",
        "next_attempt_at",
        "claimed_until",
        "sent_at",
        "message_id",
    )
    verbs = (
        Verb(
            "retry",
            "Retry",
            "It waits again as if it had never been tried.",
            _retry,
            when=lambda delivery: delivery.status == DeliveryStatus.FAILED,
        ),
    )

    def named(self, row: DigestDelivery) -> str:
        """Of what, to whom."""
        return f"“{row.digest.title}” to {row.recipient.username}"


PAGE = (DigestDelivery, Deliveries)
