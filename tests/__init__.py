"""Tests, in the order of the package's own modules."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch's threads only wait for each other on networks as small as here
