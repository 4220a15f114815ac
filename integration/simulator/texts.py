"""The words of the simulated jails. Every person, officer, address and number is made up."""

from typing import Any, Final

from integration.simulator.dice import weighted

FAMILY_NAMES: Final = tuple(
    """
    Abbenfield Amarro Bellweather Brightwood Caldermoor Castellor Dunmarrow Delacrane Eastwick Escovar Farrowgate
    Fenwright Garzanto Greymoor Hollowell Hidalmar Ironside Jessamond Kestrelli Kingsmarsh Larkspurn Lomendez
    Marrowind Montescar Nightengold Nguyendal Oakhurston Ortevala Pemberlane Quillmore Quintavar Ravenscar Rosalindo
    Silverbrook Santoveda Thornbury Tranhelm Underhale Valdemora Vossberg Wetherlow Winterbourne Yarrowin Zapatero
    """.split()
)
GIVEN_NAMES: Final = tuple(
    """
    Adelio Alba Benno Brisa Cael Corva Dario Delphine Emeric Esme Fabian Fiora Gideon Greta Hollis Iria Jonas Juna
    Kiran Linh Lucan Maren Mateo Nadir Noor Odile Orin Petra Quill Rafe Rosalba Soren Talia Ulric Vera Wren Xavi Yara
    """.split()
)
LANGUAGES: Final = weighted((78, "en"), (14, "es"), (2, "vi"), (2, "ar"), (1, "zh"), (1, "ht"), (1, "pt"), (1, "so"))
OFFICERS: Final = tuple(f"officer {number}" for number in range(11, 41))
DOCUMENTS: Final = ("driver license", "state identification card", "passport", "consular identification", "none")

BASES: Final = weighted(
    (70, ["probable cause"]),
    (20, ["warrant"]),
    (7, ["probable cause", "establishing identity"]),
    (2, ["establishing identity"]),
    (1, []),
)
CHARGES: Final[tuple[dict[str, str], ...]] = weighted(
    (9, {"code": "MCL 750.81", "description": "Assault"}),
    (9, {"code": "MCL 750.356", "description": "Larceny"}),
    (8, {"code": "MCL 333.7403", "description": "Possession of a controlled substance"}),
    (8, {"code": "MCL 257.625", "description": "Operating while intoxicated"}),
    (6, {"code": "MCL 750.479", "description": "Resisting an officer"}),
    (6, {"description": "Failure to appear"}),
    (5, {"code": "MCL 750.110", "description": "Breaking and entering"}),
    (4, {"code": "MCL 771.4", "description": "Probation violation"}),
    (3, {"code": "MCL 750.82", "description": "Felonious assault"}),
    (2, {"code": "MCL 257.904", "description": "Driving while license suspended"}),
    (2, {"description": "Driving without a licence"}),
)
OTHER_AGENCIES: Final = (
    "Kentmoor County Sheriff",
    "Fort Collins Police Services",
    "State Parole Office",
    "Circuit Court Probation Department",
    "Out of State Extradition Unit",
    "US Marshals Office",
)
PRISONS: Final = ("State Department of Corrections", "Department of Corrections Reception Center")
IMMIGRATION: Final = (
    "ICE",
    "ICE/ERO Field Office",
    "U.S. Immigration and Customs Enforcement",
    "Immigration and Customs Enforcement",
    "US Border Patrol",
)

RELEASE_REASONS: Final = (
    "released per order of the court",
    "property returned, {name} signed out at the counter",
    "bond paperwork complete",
    "ROR",
    "time served",
    "case closed; see file",
)
NOT_PICKED_UP: Final = ("ICE did not come", "held for ICE pickup, {name} let go", "48 hours over")
VOID_REASONS: Final = ("wrong person", "booked twice", "opened in error for {name}", "test record")
RESCIND_REASONS: Final = ("bond revoked", "new charge found", "order entered on the wrong case")
REFUSE_REASONS: Final = ("ICE hold on file", "detainer, no bond accepted", "told family of {name} to come back Monday")
LIFT_REASONS: Final = ("nolle prosequi", "dismissed", "closed by the court", "withdrawn")
LODGED_REASONS: Final = ("probable cause of removability", "final order of removal", "pending removal proceedings")

MISTAKES: Final[tuple[dict[str, Any], ...]] = (
    {"nationality": "unknown"},
    {"country_of_birth": "unknown"},
    {"place_of_birth": "not asked"},
    {"alien_number": "A000000000"},
    {"citizenship": "unknown"},
    {"immigration_status": "unknown"},
)
"""Fields that must never be kept, as careless systems send them. Their values are no data about anybody."""
