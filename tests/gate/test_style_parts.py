"""What markup is let in: the words, the numbers and the names that mail programs write."""

import pytest

from integration.domain.messages.styles import addresses_in, says_only_looks

WORDS = """
a absolute active address adjust after align alink all alpha alt and appendonsend apple applemailsignature aptos arial
article ascii aside attr auto b background before bgcolor bicubic big black block blockquote blue body bold bolder
border bottom box br break bullet calibri cambria caption caret cell cellpadding cellspacing center charset child
circle cite class clear cm code col colgroup collapse color colour cols colspan com compatible compose consolas
container content converted courier css cursor dashed data dd decimal decoration default definitions del device dir
disc display div divrplyfwdmsg divtagdefaultwrapper dl doctype dotted double dt dtd edge edit elementtoproof
elementtproof em emailstyle embeddedfont emoji en end endif equiv es ex export ext extra face false family figure fill
filtered first fit fixed float flowed focus followed font footer format fr garamond generator geneva georgia gmail
grande gray green grey gte h head header height helvetica hidden hover hr href html http hyperlink hyphens i id idmap
ie if img important in indent index inherit initial inline ins inset interchange interpolation iso italic item kbd
keep lang last latentstyles left letter level li ligatures line linebreakatbeginningofmessage
linebreakatbeginningofsignature lineheight link list loose lower lt ltr lucida m mail main manual margin maroon math
max media medium meta microsoft middle min mm mobile mode monospace moz ms msfontservice mso msochpdefault
msohyperlink msohyperlinkfollowed msolistparagraph msonormal msonormaltable msopapdefault msoplaintext msotablegrid
name nav navy nbsp neue new newline none normal nowrap number o oblique office ol olive only open org orphans outline
outlook outset overflow overwrap p padding page panose personal pointer position pre prefix priority props pt public
purple px quote rec red rel relative reply rgb rgba right roboto roman row rowid rows rowspan rtl s samp sans scalable
scale schemas screen section segoe serif setdir shadow shapedefaults shapelayout shrink signature silver size sizing
small smartmail solid space spacing span spidmax square src standardcontextual start stop stops strict strike stroke
strong style stylesheet sub sup symbol system tab tabindex table tahoma tbody td teal text th thead thread times title
top tr transform transitional transparent trebuchet tt type u ui ul underline unset upper urn us user utf v valign
variant verdana vertical viewport visible visited vlink vml w webkit weight white widows width windowtext wingdings
word wordsection wordwrap wrap wrapper x xml xmlns xmsonormal yahoo yellow z
""".split()


def test_every_word_that_mail_programs_write_is_let_in():
    assert len(WORDS) == len(set(WORDS)) > 380
    assert [word for word in WORDS if not says_only_looks(word)] == []
    # Behind a stop, too, where a unit of length would be a class.
    assert [word for word in WORDS if not says_only_looks(f".{word.upper()} {{}}")] == []


@pytest.mark.parametrize("word", "released tuesday out noon perez emailstyl msonormals c d y".split())
def test_any_other_word_is_not_let_in(word):
    assert not says_only_looks(word)
    assert not says_only_looks(f"font {word} color")
    assert not says_only_looks(f"{word}7")


LETS_IN = [
    ("", "nothing"),
    ("{ : ; } <!-- -->", "signs"),
    ("color:#ABC", "a short colour"),
    ("color:#12345678;", "a long one"),
    ("margin:0730pt", "a length of four digits"),
    ("margin:-.5in +2.25EM 100%", "lengths with signs, and broken ones"),
    ("1px 2PX 1rem 1ex 1cm 1mm 1vh 1vw", "every unit"),
    ("span.EmailStyle17, h1, div.WordSection3, .style999", "a number behind a word"),
    ("panose-1:2 15 5 2 2 2 4 3 2 4", "small numbers"),
    ("1:2:3", "small numbers with colons"),
    ("content:none; content : normal } content:inherit; content:initial; content:unset", "nothing put into the page"),
    ("content:'' ; content: ' '; content:\"\" ! important; content:\" \"", "nothing put into it, written as a text"),
    ("mailto:juan.perez@lansing.example", "an address, which is judged as one"),
]


@pytest.mark.parametrize(("text", "because"), LETS_IN, ids=[row[1] for row in LETS_IN])
def test_markup_says_only_looks_when_it_holds(text, because):
    assert says_only_looks(text), because


MORE = [
    ("color:#07", "two digits are no colour, but a number", True),
    ("color:#123456789", "nine are none either", False),
    ("color:#1234z", "nor is a word", False),
    ("width:12345px", "five digits are no length", False),
    ("width:1.12345px", "nor are five behind the point", False),
    ("0730", "four digits are no small number", False),
    ("0730pts", "nor do they have another unit", False),
    ("x0730px", "nor stand behind a letter", False),
    ("7:30", "a time of day", False),
    ("07:30", "one of four digits", False),
    ("107:30", "three digits are no hour", True),
    ("07:300", "nor minutes", True),
    ("7:3", "one digit is no minute", True),
    ("p:after{content:'left'}", "a text put into the page", False),
    ('p:after{CONTENT : "left"}', "in capitals, with blanks", False),
    ("content:none left", "something behind none", False),
    ("content:attr(class)", "what an attribute says", False),
    ("contents:left", "another word", False),
    ("content", "the word alone", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "because", "expected"), MORE, ids=[row[1] for row in MORE])
def test_a_number_or_a_text_in_markup_says_more_or_does_not(text, because, expected):
    assert says_only_looks(text) is expected, because


W3C, MICROSOFT, URN = "http://www.w3.org/", "http://schemas.microsoft.com/office/", "urn:schemas-microsoft-com:"
NAMES = [
    f"{W3C}TR/REC-html40", f"{W3C}TR/xhtml1/DTD/xhtml1-transitional.dtd", f"{W3C}TR/xhtml1/DTD/xhtml1-strict.dtd",
    f"{W3C}TR/html4/loose.dtd", f"{W3C}TR/html4/strict.dtd", f"{W3C}TR/1999/REC-html401-19991224/loose.dtd",
    f"{W3C}TR/1999/REC-html401-19991224/strict.dtd", f"{W3C}TR/xhtml11/DTD/xhtml11.dtd", f"{W3C}1999/xhtml",
    f"{W3C}1999/xlink", f"{W3C}2000/svg", f"{W3C}1998/Math/MathML", f"{W3C}2001/XMLSchema",
    f"{W3C}2001/XMLSchema-instance", "https://www.w3.org/1999/xhtml",
    f"{MICROSOFT}2004/12/omml", f"{MICROSOFT}excel/2003/xml", f"{MICROSOFT}word/2003/wordml",
    *(f"{URN}office:{each}" for each in "office word excel powerpoint access smarttags activation".split()),
    f"{URN}vml",
    "-//W3C//DTD HTML 3.2//EN", "-//W3C//DTD HTML 3.2 Final//EN", "-//W3C//DTD HTML 4.0 Transitional//EN",
    "-//W3C//DTD HTML 4.01//EN", "-//W3C//DTD XHTML 1.0 Strict//EN", "-//W3C//DTD XHTML 1.1//EN",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_schema_is_let_in_whole(name):
    assert says_only_looks(f'xmlns "{name}"')
    assert not says_only_looks(f"{name}/tuesday"), "a path below it could say anything"
    assert not says_only_looks(f"{name}:tuesday"), "so could a word behind it"
    assert not says_only_looks(f"{name}-1999"), "or a number"


OF_PROGRAMS = [
    ("charset=iso-8859-1", "charset=8859", "a charset"),
    ("charset=ISO-8859-15;", "charset=iso-8859-99", "another"),
    ("charset=windows-1252", "charset=windows-0730", "one of Windows"),
    ('spidmax="1026"', 'spidmax="0730"', "the number of the first shape"),
    ("spidmax 1026", "spidmax 10260", "as an attribute"),
    ("MS Exchange Server version 16.0.5422.1000", "MS Exchange Server version 0730", "a server's version"),
    ("Converted from text/plain format", "Converted from text/seven format", "how a server made a page"),
    ("Converted from text/rtf format", "Converted from text", "of another kind"),
]


@pytest.mark.parametrize(("written", "not_so", "because"), OF_PROGRAMS)
def test_what_programs_write_is_let_in_whole(written, not_so, because):
    assert says_only_looks(written), because
    assert not says_only_looks(not_so), because
    assert not says_only_looks(f"{written}tuesday"), because


def test_the_addresses_of_markup_are_those_that_it_links_to():
    assert addresses_in("href mailto:a.b+c@x-y.example style b mailto:d_e@f.example?subject=x") == [
        "a.b+c@x-y.example",
        "d_e@f.example",
    ]
    assert addresses_in("a@x.example mailto: b") == []
