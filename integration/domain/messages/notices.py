"""The notices that mail systems put under every message, known by their sentences.

A bag of their words could be put together to say anything. So each three words in a row have to stand in a row in one
of the sentences here, and a sentence has to begin and end as one of them does. Lines may be wrapped anywhere.
"""

import re
from typing import Final

_SENTENCES: Final = """
confidential
confidential notice
confidentiality notice
confidentiality statement
confidentiality
confidential communication
notice
notice of confidentiality
important notice
privacy notice
legal notice
disclaimer
email disclaimer
warning
caution
external
external email
external sender
external message
caution external email
caution external sender
law enforcement sensitive
for official use only
official use only
attorney client privileged
privileged and confidential
confidential and privileged
this email originated from outside the organization
this email originated from outside of the organization
this email originated from outside of your organization
this message originated from outside your organization
this message was sent from outside your organization
this email is from an external sender
this message came from an external sender
do not click links or open attachments unless you recognize the sender and know the content is safe
do not click on links or open attachments unless you recognize the sender and know the content is safe
do not click any links or open any attachments unless you trust the sender and know the content is safe
use caution when clicking links or opening attachments
please use caution when opening attachments or clicking on links
sent from my iphone
sent from my ipad
sent from my android
sent from my android device
sent from my mobile device
sent from my mobile phone
sent from my samsung galaxy smartphone
sent from my samsung galaxy
sent from my verizon wireless device
sent from mail for windows
sent from yahoo mail on android
sent from yahoo mail for iphone
sent from outlook for ios
sent from outlook for android
sent from outlook
get outlook for ios
get outlook for android
please consider the environment before printing this email
please consider the environment before printing this message
think before printing
this email is intended only for the use of the addressee and may contain confidential information
this email is intended only for the use of the individual or entity to which it is addressed and may contain information
  that is privileged confidential and exempt from disclosure under applicable law
this message is intended only for the use of the individual or entity to whom it is addressed
this message is intended only for the addressee and may contain privileged or confidential information
this message is intended only for the named recipient
this message is intended for the sole use of the intended recipient
this message is intended solely for the use of the individual or entity to which it is addressed
this communication is intended only for the intended recipient
this transmission is intended only for the use of the addressee
this transmission may contain information that is privileged confidential or exempt from disclosure under applicable law
this email and any attachments are confidential
this email and any attachments may be confidential or legally privileged
this email and any attachments are intended only for the addressee
this email and any attachments are intended solely for the addressee
this email and any files transmitted with it are confidential and intended solely for the use of the individual or
  entity to whom they are addressed
this email message including any attachments is for the sole use of the intended recipient and may contain confidential
  and privileged information
this email message and any attachments is for the sole use of the intended recipients and may contain confidential and
  privileged information
this email including any attachments is for the sole use of the intended recipient and may contain confidential and
  privileged information
this email is for the sole use of the intended recipient and may contain confidential and privileged information
this message including any attachments is for the sole use of the intended recipient and may contain confidential and
  privileged information
this message is for the sole use of the intended recipient and may contain confidential and or privileged information
this communication including any attachments is for the sole use of the intended recipient and may contain confidential
  and privileged information
this communication and any attachments are for the sole use of the intended recipient and may contain information that
  is confidential or privileged
this communication with its contents may contain confidential and or legally privileged information
it is solely for the use of the intended recipient
this email and any attachments are for the sole use of the intended recipient
this email transmission and any documents files or previous email messages attached to it may contain information that
  is confidential or legally privileged
this electronic message transmission contains information which may be confidential or privileged
this electronic message contains information which may be confidential
this electronic mail message including any attachments is confidential and may be privileged
this message and any attachments may contain confidential information
this message and any attachments may contain confidential or privileged information and are intended only for the
  recipient named above
this message and any attachments are intended only for the use of the addressee and may contain information that is
  privileged and confidential
this message may contain confidential information
this message may contain confidential and privileged information
this message may contain information that is confidential or privileged
this message contains confidential information
this message contains confidential information and is intended only for the individual named
this email contains confidential information
this email may contain confidential information
this email may contain confidential and privileged information
this communication may contain confidential information
this communication may contain privileged or confidential information
this communication including any attachments may contain confidential information
this communication including attachments may contain privileged information
this communication along with any documents files or attachments is intended only for the use of the addressee
this email may be subject to the freedom of information act
this email is subject to the freedom of information act
this message may be subject to the freedom of information act
this email may be a public record
email is a public record and may be subject to disclosure
emails sent to or from this account may be subject to public disclosure
the information contained in this email is confidential
the information contained in this message is confidential
the information contained in this message may be confidential
the information contained in this email message is intended only for the use of the individual or entity named above
the information contained in this message is intended only for the use of the recipient
the information contained in this communication is confidential
the information contained in this communication may be confidential
the information contained in this transmission is confidential
the information contained in this transmission may contain privileged and confidential information
the information contained in this electronic message is confidential
the information contained in this email and any attachments may be confidential
the information contained in this email and any attachments is confidential
the information contained herein is confidential
the contents of this email message and any attachments are intended solely for the addressee
it is intended only for the use of the person to whom it is addressed
it is intended only for the use of the addressee
it is intended only for the addressee
it is intended only for the individual named above
it is intended solely for the addressee
it is intended for the use of the intended recipient only
it may contain confidential information
it may contain privileged or confidential information
if you are not the intended recipient please notify the sender and delete this message
if you are not the intended recipient please notify the sender and delete this email
if you are not the intended recipient please notify the sender immediately and delete this message
if you are not the intended recipient please notify the sender immediately and destroy all copies
if you are not the intended recipient please contact the sender and destroy all copies of the original message
if you are not the intended recipient please contact the sender by reply email and destroy all copies of the original
  message
if you are not the intended recipient please reply to the sender and delete the message
if you are not the intended recipient you are hereby notified that any disclosure copying distribution or use of the
  contents of this message is strictly prohibited
if you are not the intended recipient you are hereby notified that any dissemination distribution or copying of this
  communication is strictly prohibited
if you are not the intended recipient you are hereby notified that any review dissemination distribution or copying of
this email is strictly prohibited
if you are not the intended recipient you are notified that disclosing copying distributing or taking any action in
  reliance on the contents of this information is strictly prohibited
if you are not the intended recipient any use dissemination distribution or copying is prohibited
if you are not the intended recipient do not read copy or disclose this message
if you are not the intended recipient be aware that any disclosure copying distribution or use of the contents of this
  information is prohibited
if you are not the named addressee you should not disseminate distribute or copy this email
if you are not the addressee please delete this message
if you are not the addressee you may not use copy or disclose this message
if the reader of this message is not the intended recipient you are hereby notified that any dissemination distribution
  or copying of this communication is strictly prohibited
if you have received this email in error please notify the sender immediately
if you have received this email in error please notify the sender immediately and delete it from your system
if you have received this email in error please notify us immediately
if you have received this email in error please notify the system manager
if you have received this email in error please notify the sender by reply email and delete this message
if you have received this email in error please delete it
if you have received this email in error please contact the sender
if you have received this message in error please notify the sender immediately
if you have received this message in error please notify the sender and delete it
if you have received this message in error please delete it
if you have received this message in error please contact the sender
if you have received this communication in error please notify the sender immediately
if you have received this communication in error please notify us immediately by telephone
if you have received this communication in error please immediately notify the sender and delete the original
if you have received this transmission in error please notify the sender immediately
if you have received this transmission in error please destroy it
if you received this email in error please notify the sender and delete it
if you received this email in error please contact the sender
if you received this message in error please notify the sender and delete it
if you received this in error please contact the sender and delete the material from any computer
please notify the sender immediately by email if you have received this email by mistake and delete this email from your
  system
please notify the sender immediately if you have received this email in error
please notify the sender and delete this message
please notify the sender and delete this email
please notify the sender immediately
please delete this message
please delete it and all copies
please destroy all copies
any unauthorized review use disclosure or distribution is prohibited
any review use distribution or disclosure by others is strictly prohibited
any unauthorized review use disclosure copying or distribution is strictly prohibited
unauthorized interception review use or disclosure is prohibited and may violate applicable laws including the
  electronic communications privacy act
if you are not the intended recipient or authorized to receive for the recipient please contact the sender by reply
  email and delete all copies of this message
if you are not the intended recipient please contact the sender by reply email and delete all copies of this message
if you are not the intended recipient please contact the sender and destroy all copies of the communication
unauthorized use disclosure or distribution is prohibited
any unauthorized use or disclosure is strictly prohibited
any unauthorized review use disclosure or distribution is strictly prohibited
any use dissemination distribution or copying of this communication is strictly prohibited
any dissemination distribution or copying of this communication is strictly prohibited
any dissemination distribution or copying of this email is strictly prohibited
any disclosure copying or distribution of this message is strictly prohibited
any disclosure copying distribution or use of the contents of this information is prohibited
any review retransmission dissemination or other use of this information by persons or entities other than the intended
  recipient is prohibited
unauthorized use disclosure or distribution is prohibited
unauthorized disclosure is prohibited
do not forward without permission of the sender
thank you
thank you for your cooperation
"""
"""A sentence a line; a line that is set in is the rest of the one before it."""
_END: Final = "."
_BEGIN: Final = ""
_WORDS: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|[.!?:;]")
_STOPS: Final = frozenset(".!?:;")


def _sentences() -> list[str]:
    return _SENTENCES.strip().replace("\n  ", " ").splitlines()


def _rows() -> frozenset[tuple[str, str, str]]:
    rows: set[tuple[str, str, str]] = set()
    for sentence in _sentences():
        words = [_BEGIN, _BEGIN, *sentence.split(), _END, _END]
        rows.update(zip(words, words[1:], words[2:], strict=False))
    return frozenset(rows)


_ROWS: Final = _rows()


class Notice:
    """A notice while it is read, line by line."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        """Begin before its first sentence."""
        self._last = (_BEGIN, _BEGIN)

    def goes_on(self, line: str) -> bool:
        """Tell whether a line goes on with it, and be after it then."""
        last = self._last
        if any(map(str.isdigit, line)):
            return False
        for word in _WORDS.findall(line.casefold().replace("e-mail", "email").replace("(s)", "")):
            if word in _STOPS:
                if last != (_BEGIN, _BEGIN) and (*last, _END) not in _ROWS:
                    return False
                last = (_BEGIN, _BEGIN)
                continue
            follows = (*last, word)
            if follows not in _ROWS:
                # A heading without a stop: "WARNING This email originated ..."
                if (*last, _END) not in _ROWS or (_BEGIN, _BEGIN, word) not in _ROWS:
                    return False
                follows = (_BEGIN, _BEGIN, word)
            last = follows[1:]
        self._last = last
        return True
