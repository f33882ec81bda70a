"""GraphQL over HTTP: the request's way in, step by step, and the answer's way out."""
