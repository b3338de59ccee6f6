"""`python -m oped`."""

from oped.commands import main

main()
