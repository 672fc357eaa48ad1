"""All that is said about the killed and the casualties of one side, put together in one table.

Cited figures and regular series come in different shapes; `gather` turns each into rows of the same kind, as
`observations.prepare` reads them. Which series belongs to which speaker is the chapter's to say.
"""

from collections.abc import Mapping

import pandas as pd

from attrition.models.consensus.observations import (
    CASUALTIES,
    KILLED,
    from_months,
    from_running_total,
    from_years,
)


def gather(
    cited: pd.DataFrame,
    *,
    start,
    known,
    claims: Mapping[str, pd.Series],
    lists: Mapping[str, pd.Series],
    months: Mapping[str, pd.DataFrame],
    years: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Put cited figures, running claims, lists of names and estimates of one side together.

    Parameters
    ----------
    cited : DataFrame
        Cited figures of one side, as a data room holds them.
    start, known : date
        First day that is counted, and the day of knowledge.
    claims : mapping of speaker to Series
        Running totals of casualties by day.
    lists : mapping of speaker to Series
        Verified names by month of death: a floor under the killed.
    months : mapping of speaker to DataFrame
        Estimated killed by month: `low`, `central`, `high`; months with a missing one are left out.
    years : mapping of speaker to DataFrame
        Estimated killed by year: `year`, `excess`, `sd`.

    Returns
    -------
    DataFrame
        Rows for `consensus.fit`; series without any row add none.
    """
    whole = {"start": start, "known": known}
    parts = [cited]
    parts += [from_running_total(one, measure=CASUALTIES, source=name, **whole) for name, one in claims.items()]
    parts += [
        from_months(one.to_frame("low"), measure=KILLED, source=name, floor=True, **whole)
        for name, one in lists.items()
    ]
    parts += [from_months(one.dropna(), measure=KILLED, source=name, **whole) for name, one in months.items()]
    parts += [from_years(one, measure=KILLED, source=name, **whole) for name, one in years.items()]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)
