"""Documents as Writer and Calc of LibreOffice write them, member by member."""

# ruff: noqa: E501  lines of XML

from tests.gate.files import archive

_NS = " ".join(
    f'xmlns:{name}="{uri}"'
    for name, uri in {
        **{
            name: f"urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"
            for name, kind in {
                "office": "office",
                "style": "style",
                "text": "text",
                "table": "table",
                "draw": "drawing",
                "meta": "meta",
                "number": "datastyle",
                "config": "config",
                "manifest": "manifest",
            }.items()
        },
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
        "dc": "http://purl.org/dc/elements/1.1/",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
    }.items()
)
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FONTS = (
    '<office:font-face-decls><style:font-face style:name="Liberation Serif" svg:font-family="&apos;Liberation Serif&apos;" '
    'style:font-family-generic="roman" style:font-pitch="variable"/><style:font-face style:name="Noto Sans CJK SC" '
    'svg:font-family="&apos;Noto Sans CJK SC&apos;" style:font-family-generic="system"/></office:font-face-decls>'
)
_META = (
    f'{_XML}<office:document-meta {_NS} office:version="1.3"><office:meta><meta:generator>LibreOffice/7.4.7.2$Linux_X86_64'
    " LibreOffice_project/40$Build-2</meta:generator><meta:creation-date>2026-03-02T10:00:00.123456789</meta:creation-date>"
    "<dc:date>2026-03-02T10:05:00.123456789</dc:date><meta:editing-duration>PT5M</meta:editing-duration>"
    '<meta:editing-cycles>1</meta:editing-cycles><meta:document-statistic meta:page-count="1" meta:word-count="8" '
    'meta:character-count="60"/></office:meta></office:document-meta>'
)
_SETTINGS = (
    f'{_XML}<office:document-settings {_NS} office:version="1.3"><office:settings><config:config-item-set '
    'config:name="ooo:view-settings"><config:config-item config:name="ViewAreaTop" config:type="long">0</config:config-item>'
    '<config:config-item config:name="ShowRedlineChanges" config:type="boolean">true</config:config-item>'
    '<config:config-item config:name="PrinterName" config:type="string"/></config:config-item-set>'
    '<config:config-item-set config:name="ooo:configuration-settings"><config:config-item config:name="CharacterCompressionType"'
    ' config:type="short">0</config:config-item></config:config-item-set></office:settings></office:document-settings>'
)
_RDF = (
    f'{_XML}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="styles.xml">'
    '<rdf:type rdf:resource="http://docs.oasis-open.org/ns/office/1.2/meta/odf#StylesFile"/></rdf:Description>'
    '<rdf:Description rdf:about=""><ns0:hasPart xmlns:ns0="http://docs.oasis-open.org/ns/office/1.2/meta/pkg#" '
    'rdf:resource="content.xml"/></rdf:Description></rdf:RDF>'
)
_WRITER_STYLES = (
    '<style:default-style style:family="paragraph"><style:paragraph-properties fo:hyphenation-ladder-count="no-limit" '
    'style:text-autospace="ideograph-alpha"/><style:text-properties style:font-name="Liberation Serif" '
    'fo:language="en" fo:country="US" style:language-asian="zh"/></style:default-style>'
    '<style:style style:name="Standard" style:family="paragraph" style:class="text"/>'
    '<style:style style:name="Text_20_body" style:display-name="Text body" style:family="paragraph" '
    'style:parent-style-name="Standard" style:class="text"/>'
    '<text:outline-style style:name="Outline"><text:outline-level-style text:level="1" style:num-format=""/>'
    "</text:outline-style>"
)
_CALC_PAGES = (
    '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="Mpm1"><style:header><text:p>'
    '<text:sheet-name>???</text:sheet-name></text:p></style:header><style:header-left style:display="false"/>'
    "<style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer></style:master-page>"
    '<style:master-page style:name="Report" style:page-layout-name="Mpm2"><style:header><style:region-left><text:p>'
    "<text:sheet-name>???</text:sheet-name><text:s/>(<text:title>???</text:title>)</text:p></style:region-left>"
    '<style:region-right><text:p><text:date style:data-style-name="N2" text:date-value="2026-03-02">00/00/0000</text:date>'
    ', <text:time style:data-style-name="N2" text:time-value="10:00:00.123456789">00:00:00</text:time></text:p>'
    "</style:region-right></style:header><style:footer><text:p>Page <text:page-number>1</text:page-number><text:s/>/ "
    "<text:page-count>99</text:page-count></text:p></style:footer></style:master-page></office:master-styles>"
)


def _document(kind: str, body: str, styles: str, pages: str = "", automatic: str = "") -> bytes:
    content = (
        f'{_XML}<office:document-content {_NS} office:version="1.3"><office:scripts/>{_FONTS}<office:automatic-styles>'
        f'<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Standard"/>{automatic}'
        f"</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    )
    manifest = (
        f'{_XML}<manifest:manifest {_NS} manifest:version="1.3"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="application/vnd.oasis.opendocument.{kind}"/><manifest:file-entry '
        'manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return archive(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": content.encode(),
            "styles.xml": (
                f'{_XML}<office:document-styles {_NS} office:version="1.3">{_FONTS}<office:styles>{styles}</office:styles>'
                f"{pages}</office:document-styles>"
            ).encode(),
            "meta.xml": _META.encode(),
            "settings.xml": _SETTINGS.encode(),
            "manifest.rdf": _RDF.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def written(more: str = "", automatic: str = "") -> bytes:
    """A text of Writer; ``more`` is put behind its paragraph, ``automatic`` among its styles."""
    body = (
        '<office:text><text:sequence-decls><text:sequence-decl text:display-outline-level="0" text:name="Table"/>'
        '</text:sequence-decls><text:p text:style-name="P1">Name: Juan Perez</text:p><text:p text:style-name="P1">'
        f"Citizenship: Mexico</text:p>{more}</office:text>"
    )
    return _document("text", body, _WRITER_STYLES, automatic=automatic)


def calculated(name: str = "Sheet1", more: str = "", cell: str = "") -> bytes:
    """A sheet of Calc; ``more`` is put among its rows, ``cell`` among a cell's attributes."""
    rows = "".join(
        '<table:table-row table:style-name="ro1"><table:table-cell office:value-type="string" calcext:value-type="string"'
        f' {cell}><text:p>{label}</text:p></table:table-cell><table:table-cell office:value-type="string">'
        f"<text:p>{value}</text:p></table:table-cell></table:table-row>"
        for label, value in (("Name", "Juan Perez"), ("Citizenship", "Mexico"))
    )
    body = (
        '<office:spreadsheet><table:calculation-settings table:automatic-find-labels="false"/>'
        f'<table:table table:name="{name}" table:style-name="ta1"><table:table-column table:style-name="co1" '
        f'table:number-columns-repeated="2" table:default-cell-style-name="Default"/>{rows}{more}</table:table>'
        "<table:named-expressions/></office:spreadsheet>"
    )
    styles = (
        '<number:number-style style:name="N0"><number:number number:min-integer-digits="1"/></number:number-style>'
        '<number:currency-style style:name="N104"><number:currency-symbol number:language="en" number:country="US">$'
        "</number:currency-symbol></number:currency-style>"
        '<style:style style:name="Default" style:family="table-cell"/><style:style style:name="Heading_20_1" '
        'style:display-name="Heading 1" style:family="table-cell"/>'
    )
    return _document("spreadsheet", body, styles, _CALC_PAGES)
