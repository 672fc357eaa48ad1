"""`python -m attrition`: see `attrition.cli`."""

from attrition.cli import main

raise SystemExit(main())
