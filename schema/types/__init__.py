"""What the API looks like: each type with, beside each field, what it needs from the data."""
