"""`python -m console.actions` prints `docs/keys.md`."""

from console.actions import keys_page

print(keys_page(), end="")
