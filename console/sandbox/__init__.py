"""A Google Cloud in one process on loopback, spoken to by Google's own clients.

Its instances are real engine processes that start on a request and scale to zero. Nothing of the
console's own way to Google Cloud is used here, so that each checks the other.
"""

from console.light_packages import import_lightly

import_lightly()
