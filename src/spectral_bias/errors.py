"""The one error that users are meant to see."""


class UserError(Exception):
    """A problem that the user can fix; its text is one whole line for them."""
