"""The accounts turned round, on accounts whose truth is known; and the rival model against Lanchester's own laws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from attrition.models import balance, lanchester
from attrition.models.balance import Accounts, BalanceError, Beliefs, close, two_sided
from attrition.models.balance.accounts import positions

ENDS = pd.date_range("2030-01-31", periods=40, freq="ME")
KERNEL = balance.returning(3.0)


def accounts(draws=1500, spread=0.0, seed=0, exits=2_000.0, elsewhere=0.1):
    """Flows that change over time; with `spread`, a lasting error of both recruits and casualties."""
    rng = np.random.default_rng(seed)
    month = np.arange(40)
    recruits = 34e3 + 4e3 * np.sin(month / 6)
    killed, wounded = 8e3 + 100.0 * month, 22e3 - 50.0 * month
    off = np.exp(spread * rng.standard_normal((2, draws, 1)))
    each = np.full(draws, 1.0)
    return Accounts(ENDS, recruits * off[0], killed * off[1], wounded * off[1], exits * each, elsewhere * each, KERNEL)


def truth(share, start=400e3):
    """Force by month, as the ledger has it, for a known return share."""
    one = accounts(1)
    hospital = share * one.wounded[0, 0] * np.cumsum(KERNEL[::-1])[::-1][None, :]
    flows = balance.Flows(one.recruits * 0.9, one.killed, one.wounded, np.full_like(one.killed, one.exits[0]))
    return balance.carry(np.array([start]), flows, np.array([share]), KERNEL, hospital)[0][0]


def published(path, offsets, noise=0.0, seed=1):
    """What speakers say of it every fifth month, each with an offset of its own."""
    rng = np.random.default_rng(seed)
    at = np.arange(4, 40, 5)
    rows = [
        {"speaker": name, "day": ENDS[month], "value": path[month + 1] * (1 + off + noise * rng.standard_normal())}
        for name, off in offsets.items()
        for month in at
    ]
    return pd.DataFrame(rows)


def irrecoverable(share):
    one = accounts(1)
    killed, wounded = one.killed.sum(), one.wounded.sum()
    return (killed + (1 - share) * wounded) / (killed + wounded)


STEADY = Beliefs(step_sd=0.001, offset_share=0.03, memory_months=200.0, noise_share=0.002)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_a_steady_share_is_found_from_what_speakers_say(share):
    found = close(accounts(), published(truth(share), {"a": 0.0, "b": 0.0}), STEADY, seed=2)
    assert np.median(found.return_share[:, -1]) == pytest.approx(share, abs=0.04)
    assert np.median(found.irrecoverable_share) == pytest.approx(irrecoverable(share), abs=0.03)
    np.testing.assert_allclose(np.median(found.path, axis=0), truth(share), rtol=0.03)
    assert found.closing > 0.95


def test_the_path_of_each_draw_keeps_its_own_accounts():
    """What a draw infers, put back into the ledger, gives its path again: to the person."""
    books = accounts(300, spread=0.05)
    beliefs = dataclasses.replace(STEADY, step_sd=1e-9)
    found = close(books, published(truth(0.5), {"a": 0.0}), beliefs, seed=3)
    rows, share = found.rows, found.return_share[:, 0]
    wounded = books.wounded[rows]
    hospital = (share * wounded[:, 0])[:, None] * np.cumsum(KERNEL[::-1])[::-1]
    flows = balance.Flows(
        books.recruits[rows] * 0.9, books.killed[rows], wounded, np.repeat(books.exits[rows, None], 40, axis=1)
    )
    again = balance.carry(found.path[:, 0], flows, share, KERNEL, hospital)[0]
    np.testing.assert_allclose(again, found.path, atol=1.0)


def test_the_residual_is_what_recruits_less_casualties_leave_over():
    path = truth(0.5)
    found = close(accounts(), published(path, {"a": 0.0}), STEADY, seed=4)
    one = accounts(1)
    plain = (one.recruits - one.killed - one.wounded)[0]
    expected = (path[40] - path[5] - plain[5:40].sum()) / 35
    assert np.median(found.residual) == pytest.approx(expected, abs=700)


def test_a_share_that_changes_is_followed():
    one = accounts(1)
    shares = np.where(np.arange(40) < 22, 0.8, 0.3)
    coming = np.array([np.convolve(one.wounded[0] * shares, KERNEL)[:40]])
    before = 0.8 * one.wounded[0, 0] * np.cumsum(KERNEL[::-1])[::-1]
    returns = np.concatenate([[0.0], coming[0, :-1]]) + np.pad(before, (0, 40 - len(before)))
    net = (one.recruits * 0.9 - one.killed - one.wounded)[0] - one.exits[0] + returns
    path = 400e3 + np.concatenate([[0.0], np.cumsum(net)])
    told = published(path, {"a": 0.0, "b": 0.0})
    found = close(accounts(), told, Beliefs(offset_share=0.02, memory_months=200.0, noise_share=0.002), seed=5)
    centre = np.median(found.return_share, axis=0)
    assert centre[1] > 0.65 and centre[-1] < 0.4
    assert np.median(found.recent_share) > np.median(found.irrecoverable_share)


def test_speakers_who_disagree_about_growth_widen_the_answer():
    path = truth(0.5)
    agree = published(path, {"a": 0.0, "b": 0.0})
    tilt = 1 + 0.15 * (np.arange(40)[4::5] / 40 - 0.5)
    differ = agree.assign(value=agree["value"] * np.concatenate([tilt, 1 / tilt]))
    books = accounts(3000)
    one, other = (close(books, told, STEADY, seed=6).irrecoverable_share for told in (agree, differ))
    assert np.ptp(np.quantile(other, [0.05, 0.95])) > 2 * np.ptp(np.quantile(one, [0.05, 0.95]))


def test_truth_lies_inside_ninety_percent_intervals_about_that_often():
    """Wars with lasting errors of flows and figures, drawn as the beliefs have them."""
    inside, beliefs = [], Beliefs(step_sd=0.001, offset_share=0.04, memory_months=40.0, noise_share=0.01)
    for number in range(60):
        rng = np.random.default_rng(100 + number)
        share = rng.uniform(0.3, 0.7)
        told = published(truth(share), {"a": 0.0})
        months = positions(told["day"], ENDS)
        alike = 0.04**2 * np.exp(-np.abs(months[:, None] - months) / 40) + 0.01**2 * np.eye(len(told))
        told["value"] *= 1 + np.linalg.cholesky(alike) @ rng.standard_normal(len(told))
        books = accounts(400)
        off = np.exp(0.03 * rng.standard_normal((2, 400, 1)) + 0.03 * rng.standard_normal((2, 1, 1)))
        books = dataclasses.replace(
            books, recruits=books.recruits * off[0], killed=books.killed * off[1], wounded=books.wounded * off[1]
        )
        low, high = np.quantile(close(books, told, beliefs, seed=number).irrecoverable_share, [0.05, 0.95])
        inside.append(low <= irrecoverable(share) <= high)
    assert 0.8 <= np.mean(inside) <= 0.99


def test_fitted_figures_hold_the_published_ones():
    told = published(truth(0.5), {"a": 0.02, "b": -0.02}, noise=0.005)
    found = close(accounts(), told, seed=7).readings
    assert list(found.columns) == ["speaker", "day", "value", "fitted", "lower", "upper"]
    assert ((found["lower"] <= found["value"]) & (found["value"] <= found["upper"])).mean() >= 0.85


def test_one_seed_one_answer_and_nothing_is_changed():
    books, told = accounts(200, spread=0.05), published(truth(0.5), {"a": 0.0})
    before = told.copy()
    one, same, other = (close(books, told, seed=seed).residual for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert len(one) != len(other) or not np.array_equal(one, other)
    pd.testing.assert_frame_equal(told, before)


def test_figures_outside_the_months_or_too_close_are_refused():
    told = published(truth(0.5), {"a": 0.0})
    late = pd.concat([told, pd.DataFrame([{"speaker": "b", "day": pd.Timestamp("2040-01-01"), "value": 1.0}])])
    with pytest.raises(
        BalanceError, match="Expected published forces from 2029-12-31 to 2033-04-30, found one of 2040"
    ):
        close(accounts(), late, seed=0)
    with pytest.raises(
        BalanceError, match="Expected a speaker with two published forces at least 180 days apart, foun"
    ):
        close(accounts(), told.iloc[:1], seed=0)
    assert balance.can_close(told) and not balance.can_close(told.iloc[:1]) and not balance.can_close(told.iloc[:0])


def test_accounts_that_cannot_close_are_refused():
    told = published(truth(0.5) + 2e5 * np.arange(41), {"a": 0.0})
    with pytest.raises(
        BalanceError, match="Expected at least 100 draws that close .*: the published recruits, losses an"
    ):
        close(accounts(), told, STEADY, seed=0)


def test_accounts_fit_together():
    books, told = accounts(200), published(truth(0.5), {"a": 0.0})
    with pytest.raises(
        BalanceError, match="Expected recruits, killed and wounded as draws by months of one shape, foun"
    ):
        close(dataclasses.replace(books, killed=books.killed[:, 1:]), told, seed=0)
    with pytest.raises(
        BalanceError, match="Expected exits of at least 0 in every draw, found less: flows count persons"
    ):
        close(dataclasses.replace(books, exits=-books.exits), told, seed=0)


# ---- the rival ---------------------------------------------------------------------------------------------------


def test_without_reinforcement_it_is_the_square_law():
    a0, b0, a, b = 1000.0, 700.0, 0.02, 0.03
    ours, theirs = two_sided(
        a0, b0, losses=b * b0, opponent_losses=a * a0, net=-b * b0, opponent_net=-a * a0, months=20
    )
    exact = lanchester.square_law(a0, b0, a, b, np.arange(21))
    np.testing.assert_allclose(ours[0], exact["A"], rtol=1e-6)
    np.testing.assert_allclose(theirs[0], exact["B"], rtol=1e-6)


def test_with_area_fire_it_is_the_linear_law():
    """Losses of both stay in one proportion, whatever the numbers."""
    ours, theirs = two_sided(
        900.0, 600.0, losses=9.0, opponent_losses=6.0, net=-9.0, opponent_net=-6.0, months=30, own_exponent=1.0
    )
    np.testing.assert_allclose((900 - ours[0][1:]) / (600 - theirs[0][1:]), 1.5, rtol=1e-6)


def test_today_is_today_and_the_larger_side_is_favoured():
    ours, theirs = two_sided(
        [700e3, 700e3], 800e3, losses=18e3, opponent_losses=8e3, net=np.array([-6e3, 6e3]), months=24
    )
    assert ours[:, 1] - 700e3 == pytest.approx([-6e3, 6e3], abs=100)
    slide, climb = ours[:, 24] - 700e3
    assert slide < -6e3 * 24 and climb > 6e3 * 24
    assert theirs[0, 24] > 800e3 > theirs[1, 24]


def test_a_force_that_is_gone_stays_gone_unless_reinforced():
    ours, _ = two_sided(100.0, 900.0, losses=60.0, opponent_losses=1.0, net=-60.0, opponent_net=0.0, months=5)
    assert ours[0, 2:].max() <= 1e-9 and (ours >= 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"force": 0.0}, "Expected two forces above zero, found 0: give persons on each side"),
        ({"opponent": -5.0}, "Expected two forces above zero, found -5"),
        ({"losses": -1.0}, "Expected losses of at least 0 on both sides, found -1: give persons a month"),
        ({"months": 0}, "Expected at least one month, found 0: follow the forces for longer"),
        ({"own_exponent": 2.0}, "Expected own_exponent between 0 and 1, found 2: div"),
    ],
)
def test_a_rival_that_cannot_be(change, words):
    given = {"force": 10.0, "opponent": 9.0, "losses": 1.0, "opponent_losses": 1.0, "net": 0.0, "months": 3, **change}
    force, opponent = given.pop("force"), given.pop("opponent")
    with pytest.raises(BalanceError, match=words):
        two_sided(force, opponent, **given)
