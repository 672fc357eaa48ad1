"""Book-keeping against sums that are known: what goes in comes out, and draws keep together."""

import numpy as np
import pandas as pd
import pytest

from attrition.models import balance, recruitment
from attrition.models.balance import BalanceError

ENDS = pd.date_range("2030-01-31", periods=24, freq="ME")
UPPER, LOWER = {"announced": ["said"]}, {"announced": ["said"], "paid": ["bill"]}


def generator():
    return np.random.default_rng(7)


def totals(**by_measure):
    """One total a half year of each measure, over two years."""
    starts = pd.to_datetime(["2030-01-01", "2030-07-01", "2031-01-01", "2031-07-01"])
    rows = [
        {"measure": name, "period_start": one, "period_end": one + pd.DateOffset(months=6) - pd.Timedelta(days=1)}
        | {"central": people, "low": np.nan, "high": np.nan, "bound": "exact", "id": f"{name}{one:%Y%m}"}
        for name, people in by_measure.items()
        for one in starts
    ]
    return pd.DataFrame(rows)


def accounts(draws=400, months=24, recruits=30_000.0):
    rng = generator()
    flow = np.full((draws, months), 1.0)
    wounded = 15_000.0 * rng.uniform(0.9, 1.1, (draws, 1)) * flow
    exits = np.full(draws, 1_000.0)
    kernel = balance.returning(3.0)
    ends = ENDS[:months]
    return balance.Accounts(ends, recruits * flow, 5_000.0 * flow, wounded, exits, np.zeros(draws), kernel)


def test_recruits_of_one_family_add_back_to_its_totals():
    joined = balance.recruits(totals(said=180_000.0), UPPER, ENDS, 500, generator(), seed=1)
    assert joined.persons.shape == (500, 24) and joined.least_share == 1.0
    assert joined.persons.sum(axis=1).mean() == pytest.approx(720_000, rel=0.02)


def test_recruits_lie_anywhere_between_two_families():
    joined = balance.recruits(totals(said=180_000.0, bill=90_000.0), LOWER, ENDS, 4_000, generator(), seed=1)
    assert joined.least_share == pytest.approx(0.5, abs=0.02) and list(joined.flows) == ["announced", "paid"]
    halves = joined.persons.reshape(-1, 4, 6).sum(axis=2) / 180_000
    assert halves.mean() == pytest.approx(0.75, abs=0.02)
    assert abs(np.corrcoef(halves[:, 0], halves[:, 2])[0, 1]) < 0.1  # one draw of the factor a half year
    assert set(balance.recruits(totals(said=9_000.0), LOWER, ENDS, 9, generator(), seed=1).flows) == {"announced"}


def test_without_any_total_nobody_joins():
    with pytest.raises(BalanceError, match="Expected a total of one of announced, found none"):
        balance.recruits(totals(other=9.0), UPPER, ENDS, 10, generator(), seed=1)


def test_a_range_out_of_order_is_refused():
    with pytest.raises(BalanceError, match="Expected low, central and high in order"):
        balance.spread_of(1.0, 3.0, 2.0, 10, generator())
    drawn = balance.spread_of(5.0, 10.0, 30.0, 40_000, generator())
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([5, 10, 30], rel=0.03)


def test_forces_keep_within_the_months_and_floors_stand_at_their_number():
    days = pd.to_datetime(["2029-11-30", "2029-12-31", "2031-12-31", "2032-01-01"])
    rows = pd.DataFrame({"as_of": days, "source": list("abcd"), "low": [1.0, 2, np.nan, 4]})
    rows = rows.assign(central=[np.nan, np.nan, 3.0, np.nan], high=np.nan)
    told = balance.published_forces(rows, ENDS)
    assert told["speaker"].tolist() == ["b", "c"] and told["value"].tolist() == [2.0, 3.0]


def test_settled_books_hold_what_they_were_given():
    given = accounts()
    share = 0.4
    net = 30_000 - 5_000 - 15_000 * (1 - share) - 1_000
    path = 500_000 + net * np.arange(1, 25)
    told = pd.DataFrame({"speaker": "a", "day": ENDS, "value": path})
    books = balance.settle(given, told, generator(), seed=3)
    assert len(books.closures) == 5 and books.force.shape == (len(books.rows), 25)
    today = books.today()
    assert np.median(today["return_share"]) == pytest.approx(share, abs=0.12)
    assert (today["casualties"] == pytest.approx(5_000 + given.wounded[books.rows, 0])) and (today["force"] > 0).all()
    assert np.allclose(books.lost, books.killed + (1 - books.return_share) * books.wounded)
    assert len(books.otherwise()) == 5 and all(one["force"] == 1.0 for one in books.otherwise())


def test_where_nothing_closes_every_return_share_is_possible():
    told = pd.DataFrame({"speaker": "a", "day": ENDS[-1:], "value": 600_000.0})
    books = balance.settle(accounts(4_000), told, generator(), seed=3)
    share = books.return_share[:, 0]
    assert books.closures == () and len(books.rows) == 4_000 and books.force.shape == (4_000, 1)
    assert np.quantile(share, [0.05, 0.5, 0.95]) == pytest.approx([0.05, 0.5, 0.95], abs=0.03)
    assert books.force.std() == pytest.approx(60_000, rel=0.05)
    assert books.otherwise()[0].keys() == books.today().keys()


def test_without_a_force_there_is_no_balance():
    with pytest.raises(BalanceError, match="Expected at least one published force, found none"):
        balance.settle(accounts(), pd.DataFrame({"speaker": [], "day": pd.to_datetime([]), "value": []}), None, seed=0)


def test_todays_rates_are_means_of_the_last_half_year():
    given = accounts(3)
    given.recruits[:, -7:] = [[9e9, 1, 2, 3, 4, 5, 6]] * 3
    found = balance.rates(given, np.array([2, 0]), 0.5, 1.0)
    assert found["recruits"].tolist() == [3.5, 3.5]
    assert found["wounded_per_killed"] == pytest.approx(given.wounded[[2, 0], 0] / 5_000)
    assert balance.movement(given)["casualties_step_sd"] == pytest.approx(0, abs=1e-12)


def test_too_few_quarters_answer_nothing():
    months = pd.date_range("2030-01-01", periods=12, freq="MS")
    price = pd.Series([1.0, 2.0], months[[0, -1]])
    assert recruitment.answer_to_price(pd.Series(1.0, months), price, price) is None
    assert recruitment.answer_to_price(pd.Series(1.0, months), price.shift(40, freq="MS"), price) is None
