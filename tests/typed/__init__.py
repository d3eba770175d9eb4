"""Programs of a user, read by a type checker and never run: tests/test_types_for_users.py."""
