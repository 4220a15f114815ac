"""Messages that tell citizenship or immigration status and nothing else, in the forms in which offices write them.

8 U.S.C. 1373 protects them: nothing may stop one. Every name and number is invented.
"""

from collections.abc import Iterator

NAMES = (
    "Juan Perez",
    "PEREZ, JUAN",
    "Maria del Carmen Lopez-Garcia",
    "Nguyen Van Thanh",
    "Ahmed Al-Rashid",
    "Seamus O'Brien",
    "Jean-Baptiste Toussaint",
    "Rosa M. Hernandez",
    "Olga Ivanova",
    "Wei Zhang",
)
STATUSES = (
    "a lawful permanent resident",
    "a citizen of Mexico",
    "a U.S. citizen",
    "a United States citizen",
    "a naturalized citizen of the United States",
    "a national of Honduras",
    "a refugee",
    "an asylee",
    "an asylum applicant",
    "a DACA recipient holder"[:0] or "a holder of DACA",
    "a non-immigrant visa holder",
    "undocumented",
    "in removal proceedings",
    "not a citizen of the United States",
    "a dual national of Canada and Lebanon",
    "stateless",
)
FACTS = (
    "Citizenship: Mexico",
    "Citizenship status: U.S. citizen",
    "Immigration status: lawful permanent resident",
    "Immigration status: LPR",
    "Nationality: Guatemalan",
    "Country of citizenship: El Salvador",
    "Status: unknown",
    "Immigration status: not known",
    "A-Number: A012-345-678",
    "Alien number: 012345678",
    "Alien registration number: A 087 654 321",
    "USCIS number: 012-345-678",
    "Class of admission: H-1B",
    "Visa type: B-1/B-2",
    "Visa status: F-1, expired",
    "Immigration status: TPS, valid through 09/09/2026",
    "Naturalized on July 4, 2015",
    "Naturalization certificate number 12345678",
    "Permanent resident since 2009",
    "Admitted 06/01/2015 as B-2",
    "Asylum granted 3 May 2019",
    "Citizenship and immigration status: none on file",
    "Nationalities: Canada; Lebanon",
    "Immigration status: parolee, humanitarian parole",
    "Status: final order of removal",
    "Lawful presence: verified",
    "Form I-551 on file",
    "Employment authorization document: C09",
    "Immigration status: asylum pending",
    "Citizenship: USC",
)
SENTENCES = (
    "{name} is {status}.",
    "Our records indicate that {name} is {status}.",
    "According to our records, {name} is {status}.",
    "Per your request, {name} is {status}.",
    "Pursuant to 8 U.S.C. § 1373, please note that {name} is {status}.",
    "Under 8 USC 1373(a), we confirm that {name} is {status}.",
    "In response to your inquiry regarding the immigration status of {name}: {name} is {status}.",
    "This is to confirm that the above named individual, {name}, is {status}.",
)
LETTERS = (
    "{said}",
    """Dear Sir or Madam,

{said}

Sincerely,
Jane Roe
Records Clerk
""",
    """Dear Officer Smith,

{said}

Regards,
Sgt. Jane Roe
Lansing Police Department
Records Division
(517) 555-0100
""",
    """To whom it may concern:

{said}

Thank you,

J. Roe
Records Supervisor
City of Lansing
Phone: (517) 555-0100 | Fax: (517) 555-0101
records@lansing.example
""",
    """Good morning,

In response to your request for information under 8 U.S.C. \u00a7 1373:

{said}

No further information.

Respectfully submitted,
Deputy Jane Roe #1234
Ingham County Sheriff's Office
""",
    """{said}

--
Jane Roe
Records

CONFIDENTIALITY NOTICE: This email is intended only for the use of the addressee and may contain
confidential information. If you are not the intended recipient, please notify the sender and delete this message.
""",
    """{said}

Regards,
Jane Roe

On Mon, Mar 2, 2026 at 9:14 AM Agent Smith <smith@ice.dhs.gov> wrote:
> Please provide the citizenship and immigration status of the individual named below.
> Thank you
""",
    """{said}

Thanks,
Jane Roe
Ingham County Jail

-----Original Message-----
From: Smith, Agent <smith@ice.dhs.gov>
Sent: Monday, March 2, 2026 9:14 AM
To: Records <records@lansing.example>
Subject: Immigration status inquiry

Please confirm the immigration status of the subject.
""",
)
SPANISH = ("Ciudadania: Mexico", "Nacionalidad: Honduras", "Estatus migratorio: residente permanente")


def texts() -> Iterator[str]:
    """Every text, once."""
    for number, status in enumerate(STATUSES):
        for turn, sentence in enumerate(SENTENCES):
            yield sentence.format(name=NAMES[(number + turn) % len(NAMES)], status=status)
    for number, fact in enumerate(FACTS):
        yield fact
        yield f"Name: {NAMES[number % len(NAMES)]}\n{fact}"
        yield f"Subject: {NAMES[(number + 3) % len(NAMES)]}\n{fact}\n{FACTS[(number + 7) % len(FACTS)]}\n"
        yield f"RE: {NAMES[(number + 5) % len(NAMES)].upper()}\n\n{fact.upper()}\n"
    yield from SPANISH


def letters() -> Iterator[str]:
    """The texts, each in the next form of letter."""
    for number, text in enumerate(texts()):
        yield LETTERS[number % len(LETTERS)].format(said=text)
