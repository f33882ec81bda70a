"""The limit: each question's SQL by hand, prepared with the connection, its text handed on."""
