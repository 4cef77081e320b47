"""`python -m syngen` is `syngen`."""

from syngen.cli import main

main()
