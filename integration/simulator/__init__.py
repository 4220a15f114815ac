"""Invented jails: feeds with the rates, the lateness and the mistakes of real ones, for tests, demos and load.

Nobody in it exists. The same parameters give the same bytes on every machine; a change of this package may change
them, so a recorded stream is kept with the version that made it.
"""

from integration.simulator.facility import Facility, facilities
from integration.simulator.params import SimulationParams
from integration.simulator.stream import simulate, timed

__all__ = ["Facility", "SimulationParams", "facilities", "simulate", "timed"]
