"""Web pages for people without a client: a digest that anyone may share, the feed of them, and the way out of mails."""
