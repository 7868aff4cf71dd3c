"""``python -m softlabel`` is the command line."""

from softlabel.cli import main

main()
