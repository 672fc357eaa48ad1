"""Draw a synthetic war and write it as a data room on which every chapter runs.

    python examples/demo_war.py                        # writes examples/demo-war again, byte for byte
    python examples/demo_war.py --seed 7 --out /tmp/w  # another war, with its truth in /tmp/w.truth.csv

The data are synthetic: two invented sides, invented speakers, invented numbers, about no real event. What is drawn:
killed and wounded as random walks by month; a list of names that fills with delay; a register, a statistics office, the
other side's headquarters and a third state, each with a lasting bias and noise; recruits, payments, forces; a price of
crude whose discount steps at known days, and revenue that follows it; vehicles, goods, ground. The truth lies beside
the room, never in it, and no chapter reads it: a test compares what the models say with it over two hundred wars.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from simulated import arms, cast, losses, money, people  # noqa: E402
from simulated.tables import Told, as_csv, number, put, write  # noqa: E402
from simulated.truth import START, Truth, happen  # noqa: E402, F401

SEED = 3  # a war about as large all along as at its start


def tables(truth: Truth) -> dict[str, list[dict]]:
    """All that is told of a war, as rows by table of the data room."""
    told, bias = Told(), losses.draw_biases(truth.seed)
    claim = losses.claim_daily(truth, bias["staff"], truth.seed)
    named = losses.list_names(truth, truth.seed)
    losses.tell(told, truth, bias, claim, named)
    people.tell(told, truth)
    rates = money.tell(told, truth)
    arms.tell(told, truth, claim)
    months = named.join(losses.estimate_by_register(truth, bias["register"], truth.seed))
    return told.tables() | {
        "sources": cast.list_speakers(),
        "events": money.events(),
        "claims": arms.claims(truth),
        "series/daily_claim": _rows(claim, "%Y-%m-%d"),
        "series/transcriptions": losses.transcribe(claim, truth.seed),
        "series/named_dead": _rows(months, "%Y-%m"),
        "series/mortality": losses.register_deaths(truth, bias["office"], truth.seed).astype(str).to_dict("records"),
        "series/rub_usd": rates,
    }


def _rows(frame: pd.DataFrame, day: str) -> list[dict[str, str]]:
    texts = frame.map(lambda cell: number(cell, 1))
    return [{frame.index.name: f"{index:{day}}"} | row._asdict() for index, row in _named(texts)]


def _named(frame: pd.DataFrame):
    return zip(frame.index, frame.itertuples(index=False, name="Row"), strict=True)


def make(folder: Path, seed: int = SEED) -> Truth:
    """Write the room of one war into a folder and its truth beside it, `<folder>.truth.csv`."""
    truth = happen(seed)
    write(folder, cast.describe_war(), tables(truth))
    columns = ["month", *truth.monthly.columns]
    put(folder.with_name(f"{folder.name}.truth.csv"), as_csv(columns, _rows(truth.monthly, "%Y-%m")))
    return truth


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Draw a synthetic war and write it as a data room.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=HERE / "demo-war", metavar="DIR")
    given = parser.parse_args()
    truth = make(given.out, given.seed)
    print(f"Wrote {given.out}: {truth.total('killed'):.0f} killed in {len(truth.monthly)} months, all synthetic.")


if __name__ == "__main__":
    main()
