"""`python -m console.actions` prints `docs/keys.md`; with `zh` behind it, `docs/keys.zh.md`."""

import sys

from console.actions import ACTIONS
from console.actions.page import keys_page
from console.language import ENGLISH, use

use(sys.argv[1] if sys.argv[1:] else ENGLISH)
print(keys_page(ACTIONS), end="")
