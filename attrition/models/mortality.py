"""Deaths of men beyond what deaths of women would lead one to expect: a count no party to a war publishes.

Men and women of one age share epidemics, heat and the quality of hospitals, but few women die in combat. The ratio of
male to female deaths before the war, carried on along a straight line, says how many men would have died anyway. What
is left counts deaths registered at home: neither soldiers missing or not yet declared dead, nor foreigners, nor men
above the oldest band. It cannot tell a soldier from a man shot or driven to drink behind the front.
"""

import numpy as np
import pandas as pd

COLUMNS = ("year", "age_band", "sex", "deaths", "hiv_deaths")
SEXES = ("f", "m")
LEAST_YEARS = 3  # a line through two points has no error
DEPENDENCES = ("independent", "shared_line", "full")


class MortalityError(ValueError):
    """Excess deaths cannot be computed from what was given."""


def excess_male_deaths(deaths: pd.DataFrame, baseline=(2015, 2019), remove_hiv: bool = True) -> pd.DataFrame:
    """Count male deaths in each year after the baseline beyond those foretold by female deaths.

    Parameters
    ----------
    deaths : DataFrame
        `year, age_band, sex` ("f" or "m"), `deaths, hiv_deaths`: registered deaths per calendar year, one row for each
        band and sex; `year` a column or the index, a number or a date. From the first year of the baseline on none
        may be missing.
    baseline : (int, int)
        First and last year of the straight line, both included; at least three years.
    remove_hiv : bool
        Whether deaths with HIV, which took their own course in men and in women, are left out of both.

    Returns
    -------
    DataFrame
        `year, excess, sd`, one row for each year after the baseline: excess in persons, and its standard error of
        prediction. A negative excess means fewer men died than expected.

    Raises
    ------
    MortalityError
        If columns, sexes, years or bands are missing, twice or not countable, or the baseline is too short.

    Notes
    -----
    For each band the ratio r = M/F is extrapolated by least squares on the n years of the baseline, and the excess of
    year y is M − r̂(y)·F. Its error is that of predicting one new year,

        sd² = F²·s²·(1 + 1/n + (y − ȳ)²/Σ(yᵢ − ȳ)²),   s² = Σ residuals²/(n − 2),

    and bands are added as independent: excesses sum, and so do squared errors. The female deaths of the year are taken
    as known. Kobak et al. (2025), Demography 62(2), doi 10.1215/00703370-11862998, with the formula of their published
    computation.

    Examples
    --------
    >>> rows = [(2015 + i, "20-24", "m", 200 + m, 0) for i, m in enumerate([0, 1, -1, 0, 50])]
    >>> rows += [(2015 + i, "20-24", "f", 100, 0) for i in range(5)]
    >>> excess_male_deaths(pd.DataFrame(rows, columns=COLUMNS), baseline=(2015, 2018)).round(2).to_dict("records")
    [{'year': 2019, 'excess': 50.5, 'sd': 1.5}]
    """
    table = by_band(deaths, baseline, remove_hiv).assign(sd=lambda one: one["sd"] ** 2)
    summed = table.groupby("year")[["excess", "sd"]].sum().reset_index()
    return summed.assign(sd=np.sqrt(summed["sd"]))


def by_band(deaths: pd.DataFrame, baseline=(2015, 2019), remove_hiv: bool = True) -> pd.DataFrame:
    """Count excess male deaths band by band.

    Parameters and errors are those of `excess_male_deaths`.

    Returns
    -------
    DataFrame
        `year, age_band, ratio, expected_ratio, excess, sd`, one row for each year after the baseline and band. With
        normal noise, excess over `sd` follows Student's t with n − 2 degrees of freedom, n being the years of the
        baseline, if nothing beyond the line happened.
    """
    male, female = _arms(deaths, baseline, remove_hiv)
    later = male.index > baseline[1]
    expected, noise, reach = _lines(male / female, baseline)
    men, women = male[later], female[later]
    excess = men - expected * women
    sd = women * np.sqrt(np.outer(1 + np.diag(reach), noise))
    columns = {"ratio": men / women, "expected_ratio": expected, "excess": excess, "sd": sd}
    stacked = pd.concat({name: frame.stack() for name, frame in columns.items()}, axis=1)
    return stacked.rename_axis(["year", "age_band"]).reset_index()


def sums(deaths: pd.DataFrame, years, baseline=(2015, 2019), remove_hiv: bool = True) -> pd.DataFrame:
    """Add the excess of several years, with its error under three beliefs on how errors of years hang together.

    Parameters
    ----------
    deaths, baseline, remove_hiv
        As for `excess_male_deaths`.
    years : sequence of int
        Distinct years after the baseline.

    Returns
    -------
    DataFrame
        `dependence, excess, sd`, three rows. "independent": errors of years have nothing in common. "shared_line": they
        share the error of the line and nothing else, which is what the model says. "full": they all err alike, so that
        standard errors simply add.

    Raises
    ------
    MortalityError
        As for `excess_male_deaths`, and for years that were not estimated.

    Notes
    -----
    With the line shared, errors of two years y and z of one band covary by

        F(y)·F(z)·s²·(1/n + (y − ȳ)(z − ȳ)/Σ(yᵢ − ȳ)²).
    """
    yearly = excess_male_deaths(deaths, baseline, remove_hiv).set_index("year")
    wanted = list(years)
    unknown = [year for year in wanted if year not in yearly.index]
    if not wanted or unknown or len(set(wanted)) < len(wanted):
        found = f"'{unknown[0]}'" if unknown else f"{wanted}"
        raise MortalityError(
            f"expected distinct years among {yearly.index[0]} to {yearly.index[-1]} to add, found {found}: choose "
            "years after the baseline"
        )
    male, female = _arms(deaths, baseline, remove_hiv)
    _, noise, reach = _lines(male / female, baseline)
    covariance = _covariance(female.loc[yearly.index].to_numpy(), noise, reach)
    at = yearly.index.get_indexer(wanted)
    sd = yearly["sd"].to_numpy()[at]
    joint = covariance[np.ix_(at, at)].sum()
    errors = [np.sqrt((sd**2).sum()), np.sqrt(joint), sd.sum()]
    return pd.DataFrame({"dependence": DEPENDENCES, "excess": yearly["excess"].loc[wanted].sum(), "sd": errors})


def _covariance(women, noise, reach):
    """Covariance of the yearly excess, years × years, when years share their lines and bands share nothing."""
    return np.einsum("yb,zb,b->yz", women, women, noise) * (reach + np.eye(len(reach)))


def _lines(ratio, baseline):
    """Extrapolated ratios (later years × bands), noise variance by band, and reach of the line (years × years)."""
    years = ratio.index.to_numpy(dtype=float)
    known = (years >= baseline[0]) & (years <= baseline[1])
    centre = years[known].mean()
    design = np.column_stack([np.ones(len(years)), years - centre])
    past, ahead = design[known], design[years > baseline[1]]
    line = np.linalg.lstsq(past, ratio[known].to_numpy(), rcond=None)[0]
    residuals = ratio[known].to_numpy() - past @ line
    noise = (residuals**2).sum(axis=0) / (known.sum() - 2)
    expected = pd.DataFrame(ahead @ line, index=ratio.index[years > baseline[1]], columns=ratio.columns)
    return expected, noise, ahead @ np.linalg.inv(past.T @ past) @ ahead.T


def _arms(deaths, baseline, remove_hiv):
    """Deaths of men and of women, years × bands, from the first year of the baseline on."""
    _check_baseline(baseline)
    frame = _check_deaths(deaths)
    count = frame["deaths"] - (frame["hiv_deaths"] if remove_hiv else 0)
    table = frame.assign(count=count).pivot(index="year", columns=["sex", "age_band"], values="count")
    table = table[table.index >= baseline[0]].sort_index(axis=1)
    _check_complete(table, frame, baseline)
    male, female = table["m"], table["f"]
    if (female <= 0).any(axis=None):
        year, band = female.stack()[lambda one: one <= 0].index[0]
        raise MortalityError(
            f"expected deaths of women above zero to form a ratio, found {female.loc[year, band]:g} in {year} for "
            f"'{band}': widen the age bands"
        )
    return male, female


def _check_complete(table, frame, baseline):
    last = int(frame["year"].max())
    if last <= baseline[1]:
        raise MortalityError(f"expected years after the baseline, found none after {last}: shorten the baseline")
    wanted = pd.MultiIndex.from_product([SEXES, sorted(frame["age_band"].unique())])
    full = table.reindex(index=range(baseline[0], last + 1), columns=wanted)
    if full.isna().any(axis=None):
        year, (sex, band) = next((y, c) for y in full.index for c in full.columns if np.isnan(full.loc[y, c]))
        raise MortalityError(
            f"expected deaths for every year from {baseline[0]} to {last}, sex and band, found none in {year} for "
            f"'{sex}', '{band}': complete the table or leave the band out"
        )


def _check_baseline(baseline):
    whole = len(baseline) == 2 and all(isinstance(year, int | np.integer) for year in baseline)
    if not (whole and baseline[1] - baseline[0] + 1 >= LEAST_YEARS):
        raise MortalityError(
            f"expected a baseline (first year, last year) of at least {LEAST_YEARS} years, found {baseline!r}: "
            "give an earlier first year"
        )


def _check_deaths(deaths):
    """Rows with whole years and numbers, or an error that says what is wrong with them."""
    frame = deaths if "year" in deaths.columns else deaths.reset_index()
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise MortalityError(f"expected the columns {', '.join(COLUMNS)}, found no '{missing[0]}': name them so")
    dated = isinstance(frame["year"].dtype, pd.PeriodDtype) or frame["year"].dtype.kind == "M"
    frame = frame.assign(year=(frame["year"].dt.year if dated else frame["year"]).astype(int))
    strange = frame.loc[~frame["sex"].isin(SEXES), "sex"]
    if len(strange):
        raise MortalityError(f"expected the sex 'f' or 'm', found '{strange.iloc[0]}': recode it")
    twice = frame[frame.duplicated(["year", "age_band", "sex"])]
    if len(twice):
        row = twice.iloc[0]
        raise MortalityError(
            f"expected one row for a year, band and sex, found several in {row['year']} for '{row['sex']}', "
            f"'{row['age_band']}': add them up or choose one"
        )
    wrong = frame[~((frame["deaths"] >= frame["hiv_deaths"]) & (frame["hiv_deaths"] >= 0))]
    if len(wrong):
        row = wrong.iloc[0]
        raise MortalityError(
            f"expected deaths with HIV from 0 up to all deaths, found {row['hiv_deaths']:g} of {row['deaths']:g} in "
            f"{row['year']} for '{row['sex']}', '{row['age_band']}': correct the figures"
        )
    return frame
