"""What the modules mean in an entry of RSS and of Atom alike: Dublin Core, licences, Media RSS, podcasts and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from feeds.reading import fields, files
from feeds.reading.podcasts import EPISODE

if TYPE_CHECKING:
    from feeds.reading.draft import Draft
    from feeds.reading.walk import Handler

MODULES: Final[dict[str, Handler[Draft]]] = {
    **EPISODE,
    **files.MEDIA,
    "dc:contributor": fields.add_contributor,
    "dc:date": fields.set_updated,
    "dc:subject": fields.add_subject,
    "dc:language": fields.set_language,
    "dc:identifier": fields.set_info_code,
    "dc:rights": fields.set_rights,
    "dc:source": fields.set_other_origin,
    "dcterms:issued": fields.set_published,
    "dcterms:created": fields.set_created,
    "dcterms:modified": fields.set_updated,
    "cc:license": fields.set_licence,
    "creativecommons:license": fields.set_licence,
    "wfw:commentrss": files.add_replies,
    "feedburner:origlink": files.set_preferred_link,
}
"""The elements that mean the same in both formats."""
