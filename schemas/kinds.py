"""The closed lists of words of the event contract. Plain enums: the domain uses them too."""

from enum import StrEnum


class HoldKind(StrEnum):
    """What a source system says a hold is (section 3). The paper decides what it really is."""

    ARREST = "arrest"
    CHARGE = "charge"
    SENTENCE = "sentence"
    COURT_ORDER = "court_order"
    JUDICIAL_WARRANT = "judicial_warrant"
    AGENCY_HOLD = "agency_hold"
    IMMIGRATION_DETAINER = "immigration_detainer"
    ADMINISTRATIVE_WARRANT = "administrative_warrant"
    NOTIFICATION_REQUEST = "notification_request"


class DueReason(StrEnum):
    """Why a person is entitled to release."""

    CHARGES_DROPPED = "charges_dropped"
    ACQUITTED = "acquitted"
    SENTENCE_SERVED = "sentence_served"
    BAIL_POSTED = "bail_posted"
    OWN_RECOGNIZANCE = "own_recognizance"
    DIVERSION = "diversion"
    COURT_ORDER = "court_order"
    NO_CHARGES_FILED = "no_charges_filed"
    OTHER = "other"


class ReleasedTo(StrEnum):
    """Into whose hands a person was released."""

    SELF = "self"
    COURT = "court"
    HOSPITAL = "hospital"
    AGENCY = "agency"


class AccessMode(StrEnum):
    """How an agency wants to reach a person in custody."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    VIDEO = "video"


class AssistanceKind(StrEnum):
    """What an agency asks staff to do."""

    JOINT_OPERATION = "joint_operation"
    IMMIGRATION_FUNCTION_287G = "immigration_function_287g"
    TRAFFIC_OR_PERIMETER_SUPPORT = "traffic_or_perimeter_support"
    TRANSLATION = "translation"
    OTHER = "other"


class Channel(StrEnum):
    """By what road a message leaves."""

    SMTP = "smtp"
    HTTP = "http"
    KAFKA = "kafka"
    NLETS = "nlets"
    FAX = "fax"
    TELEPHONE = "telephone"


class Purpose(StrEnum):
    """What a message is sent for, as the sender states it."""

    IMMIGRATION_ENFORCEMENT = "immigration_enforcement"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    COURT = "court"
    VICTIM_NOTICE = "victim_notice"
    PUBLIC_RECORD = "public_record"
    OTHER = "other"


class Category(StrEnum):
    """What kind of information a message gives away (section 6)."""

    CUSTODY_STATUS = "custody_status"
    RELEASE_TIME = "release_time"
    DETENTION_LENGTH = "detention_length"
    HOME_ADDRESS = "home_address"
    WORK_ADDRESS = "work_address"
    HEARING = "hearing"
    PERSONAL = "personal"
    PLACE_OF_BIRTH = "place_of_birth"
    CITIZENSHIP_OR_IMMIGRATION_STATUS = "citizenship_or_immigration_status"
    OTHER = "other"


class LegalBasis(StrEnum):
    """What an approval rests on."""

    JUDICIAL_WARRANT = "judicial_warrant"
    COURT_ORDER = "court_order"
    PUBLIC_RECORD = "public_record"
    STATUTE = "statute"
    SERIOUS_CRIME_INVESTIGATION = "serious_crime_investigation"


class VisaKind(StrEnum):
    """Which certification a victim of crime asks for."""

    U_VISA = "u_visa"
    T_VISA = "t_visa"


class CertificationOutcome(StrEnum):
    """What became of a certification request."""

    SIGNED = "signed"
    DECLINED = "declined"


class Rule(StrEnum):
    """What a finding can say (section 4)."""

    OVERDUE_DETAINER_HOLD = "overdue_detainer_hold"
    OVERDUE_RELEASE = "overdue_release"
    RELEASE_APPROACHING = "release_approaching"
    TRANSFER_WITHOUT_WARRANT = "transfer_without_warrant"
    BOOKED_WITHOUT_AUTHORITY = "booked_without_authority"
    BAIL_REFUSED_ON_DETAINER = "bail_refused_on_detainer"
    NOTICE_NOT_SERVED = "notice_not_served"
    MISLABELLED_DOCUMENT = "mislabelled_document"
    STATUS_INFORMATION_RECEIVED = "status_information_received"
    HELD_FOR_IDENTIFICATION = "held_for_identification"
    CITE_NOT_CUSTODY = "cite_not_custody"


class Status(StrEnum):
    """What a finding says of the current time (rules 7 and 9)."""

    OPEN = "open"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How loudly a finding speaks, as the policy pack sets it: only a violation says that a right is being broken."""

    VIOLATION = "violation"
    WARNING = "warning"
    ADVICE = "advice"


class Verdict(StrEnum):
    """What a decision says."""

    PERMIT = "permit"
    BLOCK = "block"


class RecipientClass(StrEnum):
    """Who is at the other end of a request (section 6)."""

    IMMIGRATION_AUTHORITY = "immigration_authority"
    PARTNER_287G = "partner_287g"
    OTHER = "other"
