"""Times with their zone, so that nobody takes them for their own."""

DATETIME_FORMAT = "Y-m-d H:i T"
