"""The garbage collector, set for a program that keeps thousands of small objects without cycles."""

import gc


def tune_collector() -> None:
    """Look for cycles rarely, and never again among what start-up has built.

    Case files come and go by the thousand and hold no cycles; with the defaults a quarter of the time goes into
    looking through them (measured with tests/bench/rates.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
