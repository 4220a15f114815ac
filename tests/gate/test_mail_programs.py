"""Mails of status alone as the usual mail programs write them: their markup says nothing more, and hides nothing."""

import pytest

from integration.domain.messages.gaps import Gap
from tests.gate.judging import examined, permitted
from tests.gate.mails import AGENT, COVER, mail

ASKED = "What is the citizenship of Juan Perez?"
HTML = "Content-Type: text/html; charset=utf-8"
OUTLOOK = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns:m="http://schemas.microsoft.com/office/2004/12/omml"
xmlns="http://www.w3.org/TR/REC-html40"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8">
<meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!--
/* Font Definitions */
@font-face {font-family:"Cambria Math"; panose-1:2 4 5 3 5 4 6 3 2 4;}
@font-face {font-family:Aptos;}
/* Style Definitions */
p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0in; font-size:11.0pt; font-family:"Calibri",sans-serif;
    mso-ligatures:standardcontextual;}
a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1; text-decoration:underline;}
span.EmailStyle17 {mso-style-type:personal-compose; font-family:"Calibri",sans-serif; color:windowtext;}
.MsoChpDefault {mso-style-type:export-only; font-size:10.0pt; mso-ligatures:none;}
@page WordSection1 {size:8.5in 11.0in; margin:1.0in 1.0in 1.0in 1.0in;}
div.WordSection1 {page:WordSection1;}
--></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]-->
<!--[if gte mso 9]><xml><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1" /></o:shapelayout></xml>
<![endif]--></head><body lang=EN-US link="#0563C1" vlink="#954F72" style='word-wrap:break-word'>
<div class=WordSection1><p class=MsoNormal>TEXT<o:p></o:p></p></div></body></html>"""
UNSEEN = '<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>'
MAILS = {
    "Outlook": OUTLOOK,
    "Outlook's pages": (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">{UNSEEN}</head>'
        '<body dir="ltr"><div class="elementToProof" style="font-family: Aptos, Aptos_EmbeddedFont, '
        'Aptos_MSFontService, Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">'
        "TEXT</div></body></html>"
    ),
    "Gmail": (
        '<div dir="ltr">TEXT<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br>'
        '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">'
        "Jane Roe</div></div></div>"
    ),
    "Mail of macOS": (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=us-ascii"></head><body '
        'style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">TEXT</body></html>'
    ),
    "Mail of a telephone": (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">TEXT'
        '<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div></body></html>'
    ),
    "an answer of Gmail": (
        '<div dir="ltr">TEXT</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'On Mon, Mar 2, 2026 at 9:14 AM Agent Smith &lt;<a href="mailto:{AGENT}">{AGENT}</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
        'padding-left:1ex">'
        f'<div dir="ltr">{ASKED}</div>\n</blockquote></div>'
    ),
    "an answer of Outlook's pages": (
        f'<html><head>{UNSEEN}</head><body dir="ltr"><div class="elementToProof">\nTEXT</div>\n<div id="appendonsend">'
        '</div>\n<hr style="display:inline-block;width:98%" tabindex="-1">\n<div id="divRplyFwdMsg" dir="ltr"><font '
        'face="Calibri, sans-serif" style="font-size:11pt" color="#000000">'
        f"<b>From:</b> Smith, Agent &lt;{AGENT}&gt;<br>\n<b>Sent:</b> Monday, March 2, 2026 9:14 AM<br>\n"
        "<b>To:</b> Jane Roe &lt;jane@lansing.example&gt;<br>\n<b>Subject:</b> Citizenship</font>\n<div>&nbsp;</div>\n"
        f"</div>\n<div>{ASKED}</div></body></html>"
    ),
    "an answer of Mail of macOS": (
        '<html><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">TEXT'
        f'<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On Mar 2, 2026, at 9:14 AM, '
        f'Agent Smith &lt;{AGENT}&gt; wrote:</div><br class="Apple-interchange-newline"><div>{ASKED}</div>'
        "</blockquote></div></body></html>"
    ),
    "Thunderbird": (
        "<!DOCTYPE html>\n<html>\n  <head>\n"
        '    <meta http-equiv="content-type" content="text/html; charset=UTF-8">\n  </head>\n  <body>\n'
        "    <p>TEXT</p>\n"
        '    <div class="moz-signature">-- <br>Jane Roe</div>\n  </body>\n</html>'
    ),
    "Exchange": (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">\n<HTML>\n<HEAD>\n<META HTTP-EQUIV="Content-Type" '
        'CONTENT="text/html; charset=us-ascii">\n<META NAME="Generator" CONTENT="MS Exchange Server version '
        '16.0.5422.1000">\n<TITLE></TITLE>\n</HEAD>\n<BODY>\n<!-- Converted from text/plain format -->\n\n'
        "<P><FONT SIZE=2>TEXT</FONT>\n</P>\n\n</BODY>\n</HTML>"
    ),
    "an older program": (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html><body><p>TEXT</p></body></html>'
    ),
}


@pytest.mark.parametrize("program", MAILS)
def test_message_is_permitted_when_a_mail_program_wrote_its_markup(program):
    seen = examined(mail(MAILS[program].replace("TEXT", COVER), HTML))
    assert seen.unread == (), seen.unread
    assert permitted(mail(MAILS[program].replace("TEXT", COVER), HTML)), seen.content.found
    assert not permitted(mail(MAILS[program].replace("TEXT", f"{COVER} He is out on Tuesday."), HTML))


@pytest.mark.parametrize(
    ("markup", "because"),
    [
        (UNSEEN.replace("style=", "tuesday="), "another attribute"),
        (UNSEEN.replace("none", "none; left: 0730"), "a value with more in it"),
        (UNSEEN.replace("P {", "released {"), "what the style sheet says"),
        ('<p style="display:none;">left</p>', "an element that would be shown"),
    ],
)
def test_message_is_blocked_when_more_than_a_style_sheet_is_not_displayed(markup, because):
    assert permitted(mail(f"{UNSEEN}<p>{COVER}</p>", HTML))
    assert not permitted(mail(f"{markup}<p>{COVER}</p>", HTML)), because


def test_a_hidden_element_is_told_when_it_is_no_style_sheet():
    seen = examined(mail(f'<p style="display:none;">{COVER}</p>', HTML))
    assert {each.gap for each in seen.unread} == {Gap.NOT_PLAIN}
