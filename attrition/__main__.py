"""`python -m attrition`: see `attrition.cli`."""

from attrition.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
