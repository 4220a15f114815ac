"""Texts that give away what an immigration authority may not be told, by category. All names are invented."""

LEAKS = {
    "release_time": (
        "Juan Perez will be released at 0730 hrs tmrw.",
        "He is getting out Thurs.",
        "Ready at 11, sally port.",
        "Bond posted, out the door by 6pm.",
        "Citizen of Mexico. Come get him at nine.",
        "Status: LPR. Pick up 3/5 07:30.",
        "sale el jueves a las 8",
        "Perez walks Friday morning.",
        "Release date: 2026-03-05T07:30:00-05:00",
    ),
    "custody_status": (
        "Juan Perez is in custody.",
        "We have him, citizen of Honduras.",
        "Have just booked in a foreign born subject.",
        "Inmate Perez is housed in pod C cell 14.",
        "Booking number 2026-00417, citizen of Mexico.",
        "Your guy is still here.",
        "Citizenship: Mexico\nCustody: Y",
        "Esta detenido bajo custodia.",
    ),
    "detention_length": (
        "He has 12 days left to serve.",
        "Sentenced to 90 days, 40 days served.",
        "Citizen of Mexico, time remaining two weeks.",
    ),
    "home_address": (
        "Lives at 123 Elm Street Apt 4, Lansing MI 48910.",
        "Home address: 42 N Cedar St",
        "Mexican national residing with his aunt.",
    ),
    "work_address": (
        "Works at the plant on Saginaw.",
        "Employer: Acme Roofing, job site in Holt.",
        "Citizen of Mexico employed by Acme Roofing.",
    ),
    "hearing": (
        "Next court date 3/9 in 54-A District Court.",
        "Arraignment Monday 8:30 courtroom 5.",
        "Status: LPR. Hearing set for March 9.",
    ),
    "personal": (
        "DOB 02/03/1990, citizen of Mexico.",
        "SSN 123-45-6789",
        "Phone 517-555-0134, drives a white van, tattoo on neck.",
        "Wife is Ana, three kids, citizen of Mexico.",
    ),
    "place_of_birth": (
        "Born in Guadalajara.",
        "Place of birth: Tegucigalpa, Honduras",
        "POB/MM",
    ),
    "other": (
        "Please call me about the usual matter.",
        "Citizen of Mexico. The blue sedan is the one you want.",
        "As discussed, same as last week.",
    ),
}
"""By the category that has to be found, or by kind of text."""

QUERIES = (
    ("custody_status", "IAQ.MI3341600.AX.TXT PUR/C.ATN/ROE.NAM/PEREZ, JUAN.DOB/19900203.SEX/M.POB/MM.CUS/Y.OFF/0399"),
    ("release_time", "AM.MI3341600.AX.TXT SUBJECT PEREZ JUAN AVAILABLE FOR PICKUP"),
    (
        "other",
        "PEREZ JUAN,MX,02/03/1990,2026-00417\nLOPEZ ANA,HN,04/05/1991,2026-00418\nDIAZ LUIS,GT,06/07/1992,2026-00419",
    ),
)
"""Texts of the police networks, and a list as jails have mailed them."""

ALL = QUERIES + tuple((category, text) for category, texts in LEAKS.items() for text in texts)
