"""Header fields that mail servers and filters add on the way, in the forms in which they write them.

RFC 8601 (``Authentication-Results``), RFC 8617 (ARC), and the fields of Exchange and SpamAssassin. What has another
form is judged as any other field is. Every form is matched in time that grows with the length alone.
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable
from typing import Final

_LONGEST: Final = 8_000
_HOST: Final = r"[\w.-]{1,255}+"
_VALUE: Final = r"[\w.@+/:=*-]{0,300}+"
_RESULT: Final = (
    r"(?:pass|fail|softfail|hardfail|neutral|none|temperror|permerror|policy|bestguesspass|signed|discard|timeout|"
    r"unknown|skipped|body|\d{1,4})"
)
_METHOD: Final = r"(?:spf|dkim|dkim-atps|dkim-adsp|domainkeys|dmarc|arc|auth|iprev|bimi|dara|compauth|sender-id|x-tls)"
_ADDRESS: Final = r"[0-9A-Fa-f.:]{2,45}"
_COMMENT: Final = (
    rf"\((?:sender ip is {_ADDRESS}|signature was (?:not )?verified|message not signed|no spf record|no signature|"
    rf"not signed|\d{{3,4}}-bit (?:rsa |ed25519-?\w{{0,8}}+ ?)?key(?:[;,] (?:un)?protected)?|amavisd-new|"
    rf"(?:google\.com|protection\.outlook\.com|[\w.-]{{1,80}}+): (?:best guess record for )?domain of {_VALUE} "
    rf"(?:designates {_ADDRESS} as permitted sender|does not designate "
    rf"(?:permitted sender hosts|{_ADDRESS} as permitted sender)|"
    rf"transitioning domain of {_VALUE} discourages use of {_ADDRESS} as permitted sender)|"
    rf"(?:p|sp|pct|dis)=[A-Za-z0-9]{{1,12}}+(?: (?:p|sp|pct|dis)=[A-Za-z0-9]{{1,12}}+){{0,4}}+|"
    rf"i=\d(?: \w{{1,8}}+=\w{{1,12}}+(?: \w{{1,8}}+={_VALUE})?){{0,5}}+|"
    rf"i=\d(?: (?:spf|dkim|dmarc|spfdomain|dkdomain|fromdomain|header\.\w{{1,8}}|smtp\.\w{{1,8}})={_VALUE}){{0,10}}+)\)"
)
_PROPERTY: Final = (
    r"(?:smtp\.(?:mailfrom|helo|auth|remote-ip|rcpttodomain)|header\.(?:from|d|i|s|a|b|sender)|policy\.[\w-]{1,20}+|"
    r"reason|action|compauth|smtp\.rcptto|arc\.chain)"
)
_RESULTS: Final = re.compile(
    rf"(?:i=\d{{1,3}}; ?)?{_HOST}(?: \d)?(?:; ?none|; ?{_METHOD}(?:/\d)?= ?{_RESULT}"
    rf"(?: {_COMMENT}| {_PROPERTY}={_VALUE}| ?; ?(?=compauth)compauth={_RESULT})*+)*+;?",
    re.IGNORECASE,
)
_BARE_RESULTS: Final = re.compile(
    rf"(?:i=\d{{1,3}}; ?)?{_METHOD}= ?{_RESULT}(?:(?: {_COMMENT}| {_PROPERTY}={_VALUE})|; ?{_METHOD}= ?{_RESULT})*+;?",
    re.IGNORECASE,
)
"""As Exchange writes it, without the server's name."""
_SPF: Final = re.compile(
    rf"{_RESULT}(?: {_COMMENT})?(?: (?:client-ip|envelope-from|helo|receiver|identity|mechanism|mailfrom|"
    rf"pr)=\"?<?{_VALUE}>?\"?;?)*+",
    re.IGNORECASE,
)
_TAGS: Final = re.compile(r"(?:[a-z]{1,2}=[A-Za-z0-9+/=.:@_ -]*+(?:; ?+|$))++")
_FIGURE: Final = r"(?:-?(?:0|[1-9]\d{0,2})(?:\.\d{1,3})?+|\d{1,2}(?:\.\d{1,2}){2})(?![\d.])"
"""A score, or a version; no time of a day."""
_SPAM: Final = re.compile(
    r"(?:yes|no)(?:,? ?(?:score|hits|required|tagged_above|autolearn|autolearn_force|version|shortcircuit)="
    rf"(?:{_FIGURE}|no|ham|spam|unavailable|disabled|failed)|,? ?tests=\[?(?:none|"
    r"(?:ALL_TRUSTED|(?:ARC|AWL|BAYES|DATE_IN|DKIM|DKIMWL|DMARC|FREEMAIL|FROM|FSL|HEADER_FROM|HEADERS|HELO|HK|HTML|KAM|"
    r"KHOP|LOTS_OF_MONEY|MAILING_LIST|MIME|MISSING|MPART|NICE_REPLY|NML|NO_RELAYS|NO_RECEIVED|PDS|RAZOR2|RCVD_IN|RDNS|"
    r"RP_MATCHES|SPF|SUBJ_ALL_CAPS|TVD|TXREP|T_SCC_BODY|T_SPF|T_FILL_THIS|UNPARSEABLE_RELAY|URIBL|USER_IN|WEIRD_PORT)"
    r"[A-Z0-9_]{0,30}+)"
    r"(?:=-?\d[\d.]{0,6}+)?,? ?)*+\]?)*+",
    re.IGNORECASE,
)
_GUID: Final = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_STATION: Final = r"[A-Z]{2}\d[A-Z]{1,2}\d{2,3}(?:MB|CA|FT)\d{3,4}"
"""A server of Exchange Online."""
_MICROSOFT: Final = re.compile(
    rf"(?:-?(?:\d{{1,2}}|[1-9]\d{{2}})|{_GUID}|(?:{_GUID}[:;, ]?){{1,6}}|Internal|Anonymous|External|Hosted|HOSTED|"
    rf"HOST|Cloud|Email|Originating|Incoming|Outgoing|yes|no|True|False|UTC|"
    rf"\d{{1,2}} [A-Z][a-z]{{2}} \d{{4}} \d\d:\d\d:\d\d(?:\.\d{{1,9}})? \(UTC\)|\d\d:\d\d:\d\d\.\d{{1,9}}|"
    rf"(?:\d{{1,5}}\.){{1,4}}\d{{1,8}}|"
    rf"{_STATION}|[\w-]{{1,40}}\.(?:[\w-]{{1,40}}\.){{1,5}}(?:com|local|lan|internal|net|gov|us|example)|"
    rf"BCL:\d{{1,3}};(?:ARA:[\d|]{{0,600}};?)?|{_STATION}:EE_(?:\|{_STATION}:EE_)?)?"
)
_REPORT: Final = re.compile(
    r"(?:(?:CIP|CTRY|LANG|SCL|SRV|IPV|SFV|H|PTR|CAT|SFS|DIR|SFP|PCL|EFV|BCL|ARA|SFTY|DSV|SPM|EX)"
    r":[\w.()|:\[\]-]{0,1500}?(?:;|$))++"
)
_OPAQUE: Final = re.compile(r"[A-Za-z0-9+/=_-]{16,}+(?: [A-Za-z0-9+/=_-]{1,200}+)*+")
_READABLE: Final = re.compile(rb"[A-Za-z ]{9}")


def _of(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: len(value) <= _LONGEST and pattern.fullmatch(value) is not None


def _results(value: str) -> bool:
    return len(value) <= _LONGEST and bool(_RESULTS.fullmatch(value) or _BARE_RESULTS.fullmatch(value))


def _microsoft(value: str) -> bool:
    return len(value) <= _LONGEST and (bool(_MICROSOFT.fullmatch(value)) or _is_opaque(value))


def _is_opaque(value: str) -> bool:
    """Tell whether a value is base64 of something that nobody reads."""
    if _OPAQUE.fullmatch(value) is None:
        return False
    plain = value.replace(" ", "").translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    if _READABLE.search(plain.encode()) and " " in value:
        return False
    try:
        return _READABLE.search(b64decode(plain + "=" * (-len(plain) % 4))) is None
    except (Error, ValueError):
        return False


_FORMS: Final[dict[str, Callable[[str], bool]]] = {
    "authentication-results": _results,
    "arc-authentication-results": _results,
    "x-original-authentication-results": _results,
    "authentication-results-original": _results,
    "arc-seal": _of(_TAGS),
    "arc-message-signature": _of(_TAGS),
    "x-google-dkim-signature": _of(_TAGS),
    "received-spf": _of(_SPF),
    "x-spam-status": _of(_SPAM),
    "x-spam-level": _of(re.compile(r"\**+")),
    "x-spam-bar": _of(re.compile(r"[+/-]{0,60}+")),
    "x-forefront-antispam-report": _of(_REPORT),
    "x-forefront-antispam-report-untrusted": _of(_REPORT),
    "x-microsoft-antispam": _microsoft,
    "x-microsoft-antispam-untrusted": _microsoft,
    "x-microsoft-antispam-message-info": _microsoft,
    "x-microsoft-antispam-message-info-original": _microsoft,
    "x-ms-publictraffictype": _microsoft,
    "x-ms-traffictypediagnostic": _microsoft,
    "x-ms-office365-filtering-correlation-id": _microsoft,
    "x-originatororg": _of(re.compile(_HOST)),
    "x-gm-message-state": _is_opaque,
}
_FAMILIES: Final = ("x-ms-exchange-",)


def form_of(name: str) -> Callable[[str], bool] | None:
    """Return what tells whether a field's value has the form in which servers write it; None for any other field.

    Args:
        name: lower case.
    """
    return _FORMS.get(name) or (_microsoft if name.startswith(_FAMILIES) else None)
