"""The one table of where our reading of feedparser's own documents differs from its, and why."""

from __future__ import annotations

from typing import Final

_SVG = "feedparser writes names of attributes in lower case, but SVG's have capitals"
_YES = "feedparser knows only the word yes; Apple's are true and false, in any case"
_KEYWORDS = "keywords are no categories: each would be a feed"
_ABOUT = "rdf:about is the address of the item (RSS 1.0, 5.5), and the only one that it has"
_OWNER = "itunes:owner is whom to write to about the feed, not its author"
_SHORTER = "RSS has no summary: a description is the text, whichever comes first"
_GUESSED = (
    "nothing names the encoding: ours is a guess that can be read, feedparser's is the first that raises no error"
)
_TWICE = "text that was encoded twice may be meant so"
_ANGLES = "HTML's entities as HTML has them today, feedparser's are those of HTML 4"

KNOWN: Final[dict[str, tuple[set[str], str]]] = {
    "encoding/bozo_double-encoded-html.xml": ({"entry summary"}, _TWICE),
    "encoding/bozo_linenoise.xml": ({"entry summary"}, "bytes of no encoding are read as Windows-1252"),
    "encoding/double-encoded-html.xml": ({"entry summary"}, _TWICE),
    "entities/lang.xml": ({"feed title"}, _ANGLES),
    "entities/rang.xml": ({"feed title"}, _ANGLES),
    "illformed/chardet/big5.xml": ({"feed title"}, _GUESSED),
    "illformed/chardet/eucjp.xml": ({"entry title", "entry summary"}, _GUESSED),
    "illformed/chardet/euckr.xml": ({"entry title", "entry summary"}, _GUESSED),
    "illformed/chardet/gb2312.xml": ({"entry title"}, _GUESSED),
    "illformed/chardet/koi8r.xml": ({"entry title", "entry summary"}, _GUESSED),
    "illformed/chardet/shiftjis.xml": ({"entry title", "entry summary"}, _GUESSED),
    "illformed/chardet/windows1255.xml": ({"entry summary"}, _GUESSED),
    "illformed/rdf_channel_empty_textinput.xml": ({"entry link"}, _ABOUT),
    "illformed/rss_incomplete_cdata.xml": ({"entries"}, "the document ends before the title of its one entry begins"),
    "wellformed/atom10/entry_content_src.xml": ({"entry link"}, "the address of the content is better than none"),
    "wellformed/base/feed_link_xml_base_iri.xml": ({"feed self"}, "an empty href names nothing"),
    "wellformed/itunes/itunes_channel_keywords.xml": ({"feed categories"}, _KEYWORDS),
    "wellformed/itunes/itunes_channel_keywords_duplicate.xml": ({"feed categories"}, _KEYWORDS),
    "wellformed/itunes/itunes_channel_keywords_multiple.xml": ({"feed categories"}, _KEYWORDS),
    "wellformed/itunes/itunes_channel_owner_email.xml": ({"feed authors"}, _OWNER),
    "wellformed/itunes/itunes_channel_owner_name.xml": ({"feed authors"}, _OWNER),
    "wellformed/itunes/itunes_item_explicit_true.xml": ({"entry explicit"}, _YES),
    "wellformed/itunes/itunes_item_explicit_uppercase.xml": ({"entry explicit"}, _YES),
    "wellformed/itunes/itunes_item_explicit_whitespace.xml": ({"entry explicit"}, _YES),
    "wellformed/namespace/atomsvg.xml": ({"entry content"}, _SVG),
    "wellformed/namespace/atomsvgdctitle.xml": ({"entry content"}, _SVG),
    "wellformed/namespace/atomsvgdesc.xml": ({"entry content"}, _SVG),
    "wellformed/namespace/atomsvgtitle.xml": ({"entry content"}, _SVG),
    "wellformed/namespace/atomxlink.xml": ({"entry content"}, _SVG),
    "wellformed/node_precedence/atom10_id.xml": ({"entry link"}, "an id inside another element is not the entry's"),
    "wellformed/rdf/rdf_item_description.xml": ({"entry link"}, _ABOUT),
    "wellformed/rdf/rdf_item_rdf_about.xml": ({"entry link"}, _ABOUT),
    "wellformed/rdf/rdf_item_title.xml": ({"entry link"}, _ABOUT),
    "wellformed/rss/item_category_image.xml": ({"entry title"}, "a title inside a category is not the entry's"),
    "wellformed/rss/item_description_and_summary.xml": ({"entry content"}, _SHORTER),
    "wellformed/rss/item_guid_isPermaLink_ValueError.xml": (
        {"entry id", "entry link"},
        "an id is a name, even where it is no address; whoever follows links judges those",
    ),
    "wellformed/rss/item_madeup_tags_element.xml": ({"entry categories"}, "one feed's own element, in no format"),
    "wellformed/rss/item_summary_and_description.xml": ({"entry content", "entry summary"}, _SHORTER),
}
"""By a document's path: the fields that differ, and the reason."""
