"""What commands do that publish: into the folder, from there to where it is uploaded, and say what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.cli.terminal import progress_bar, say

if TYPE_CHECKING:
    from aggregator.mill import Mill
    from feeds.publishing.static_site import Published


async def publish_all(mill: Mill, *, everything: bool = False) -> bool:
    """Bring the folder up to date, if there is one; whether what is uploaded has all of it."""
    if mill.static_site is None:
        return True
    with progress_bar("Publishing") as progress:
        published = await mill.publish(everything=everything, progress=progress)
    if published.held:
        from aggregator.glance import HELD

        say(HELD.format(directory=mill.config.publish.directory))
    else:
        tell_published(mill, published)
    return await upload_all(mill)


async def upload_all(mill: Mill) -> bool:
    """Upload what is owed, if that is configured; whether nothing is owed any more."""
    from feeds.publishing.upload import UploadError

    try:
        with progress_bar("Uploading") as progress:
            sent = await mill.upload(progress)
    except UploadError as error:
        say(str(error))
        return False
    if mill.config.publish.upload:
        say(f"files uploaded: {sent.written}, removed there: {sent.removed}")
    return True


def tell_published(mill: Mill, published: Published) -> None:
    """How much of the output folder was different."""
    say(f"files written: {published.written}, removed: {published.removed}, in {mill.config.publish.directory}")
