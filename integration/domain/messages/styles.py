"""Markup's own words: whether attributes and style sheets say nothing but how a text looks.

A class name or a comment can carry a sentence as well as a body can. Only the words that mail programs themselves write
are let in, with numbers, colours and lengths.
"""

import re
from typing import Final

_WORDS: Final = frozenset(
    """
    definitions font face family size style weight variant color colour background bgcolor border collapse spacing
    padding margin width height min max top bottom left right center middle align valign vertical text decoration
    transform indent line space white nowrap wrap pre normal bold bolder italic oblique underline none inherit
    initial auto solid dotted dashed double outset inset display block inline table cell row rows cols colspan
    rowspan cellpadding cellspacing header body html head meta title div span p br hr td tr th tbody thead ul ol li
    h a href img src alt id class lang dir ltr rtl link vlink alink name content charset utf iso
    http equiv type css stylesheet rel media screen only and important rgb rgba transparent black red green blue
    gray grey navy silver maroon teal olive purple yellow windowtext serif sans monospace arial helvetica verdana
    tahoma georgia calibri cambria math consolas courier new times roman segoe ui symbol emoji wingdings aptos
    trebuchet ms garamond lucida grande geneva system neue roboto open panose mso msonormal wordsection
    page section export default props pt px em cm mm ex in lower upper alpha disc circle square decimal list
    item level number format bullet tab stop emailstyle personal compose reply
    msohyperlink msohyperlinkfollowed hyperlink followed visited active hover focus before after first last child
    microsoft word generator filtered medium xmlns v o w x m schemas com office urn vml org rec xml if gte lt
    endif shapedefaults shapelayout ext edit spidmax idmap data en us es fr gmail quote attr extra signature moz
    cite prefix blockquote webkit adjust interpolation mode bicubic nbsp overflow hidden visible position relative
    absolute float clear z index break all keep overwrap mail flowed fixed outline caret orphans widows letter rowid
    divtagdefaultwrapper appendonsend elementtoproof xmsonormal wordwrap hyphens manual ligatures latentstyles
    thread compatible edge viewport scale device user scalable shrink fit ie doctype public dtd transitional strict
    loose b i u strong sup sub small big tt code s del ins strike kbd samp dl dt dd address caption col colgroup
    figure footer nav article aside wrapper main container elementtproof stops lineheight box shadow sizing
    start end fill stroke cursor pointer ascii standardcontextual priority msochpdefault msopapdefault msonormaltable
    msotablegrid msolistparagraph msoplaintext embeddedfont msfontservice tabindex divrplyfwdmsg outlook mobile
    smartmail apple converted interchange newline applemailsignature linebreakatbeginningofsignature yahoo setdir false
    unset linebreakatbeginningofmessage
    """.split()
)
"""Without their numbers, of which the small ones say nothing: ``EmailStyle17``, ``h1``."""
_HEX: Final = re.compile(r"#[0-9a-f]{3,8}(?![\w])", re.IGNORECASE)
_LENGTH: Final = re.compile(
    r"(?<![\w.])[+-]?\d{0,4}(?:\.\d{1,4})?(?:pt|px|em|rem|ex|cm|mm|in|vh|vw|%)(?!\w)", re.IGNORECASE
)
_SMALL: Final = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_CLOCK: Final = re.compile(r"(?<!\d)\d{1,2}:\d\d(?!\d)")
_SCHEMA: Final = re.compile(
    r"(?:-//W3C//DTD (?:HTML (?:3\.2|4\.0|4\.01)|XHTML 1\.[01])(?: (?:Transitional|Strict|Final))?//EN|"
    r"https?://(?:www\.w3\.org/(?:TR/(?:REC-html40|xhtml1/DTD/xhtml1-(?:transitional|strict)\.dtd|"
    r"html4/(?:loose|strict)\.dtd|1999/REC-html401-19991224/(?:loose|strict)\.dtd|xhtml11/DTD/xhtml11\.dtd)|"
    r"1999/xhtml|1999/xlink|2000/svg|1998/Math/MathML|2001/XMLSchema(?:-instance)?)|"
    r"schemas\.microsoft\.com/office/(?:2004/12/omml|excel/2003/xml|word/2003/wordml))|"
    r"urn:schemas-microsoft-com:(?:office:(?:office|word|excel|powerpoint|access|smarttags|activation)|vml))(?![\w/:-])"
)
"""Names of schemas that programs write, whole: a path below one could say anything."""
_WHOLE: Final = re.compile(
    r"(?:(?:iso-8859-1?\d|windows-125\d)(?![\w-])|spidmax[ =]\"?1026(?!\w)|"
    r"MS Exchange Server version \d{1,2}\.\d{1,2}\.\d{3,5}\.\d{1,5}(?!\w)|"
    r"Converted from text/(?:plain|rtf) format(?!\w))",
    re.IGNORECASE,
)
"""What programs write with a number or a word that would say something elsewhere."""
_WORD: Final = re.compile(r"[^\W_]+")
_SHOWN: Final = re.compile(
    r"\bcontent\s*:\s*+(?!(?:none|normal|inherit|initial|unset|'\s*'|\"\s*\"|''|\"\")\s*(?:[;}!]|$))", re.IGNORECASE
)
"""What a style sheet puts into the page is read by people, whatever words it uses."""
_MACHINE: Final = re.compile(r"mailto:[\w.+@-]{1,120}")


def addresses_in(text: str) -> list[str]:
    """Return the addresses that markup links to: they are shown as well as any other."""
    return [each.removeprefix("mailto:") for each in _MACHINE.findall(text)]


def says_only_looks(text: str) -> bool:
    """Tell whether a piece of markup holds nothing but the words of mail programs, numbers and colours."""
    if _SHOWN.search(text):
        return False
    bare = _WHOLE.sub(" ", _SCHEMA.sub(" ", _MACHINE.sub(" ", text)))
    bare = _LENGTH.sub(" ", _HEX.sub(" ", bare))
    if _CLOCK.search(bare):
        return False
    bare = _SMALL.sub(" ", bare)
    return all(word.casefold() in _WORDS for word in _WORD.findall(bare))
