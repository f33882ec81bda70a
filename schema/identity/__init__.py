"""Who is asking: tokens, the authentication of a request, signing in."""
