"""What is refused before anything is read."""

from graphql import GraphQLError


class InputError(GraphQLError):
    """An argument or a variable has a value that cannot be used: BAD_USER_INPUT."""

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": "BAD_USER_INPUT"})
