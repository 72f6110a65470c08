"""``feedmill partner``: who has a key of their own, what it opens, how much it is used."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.main import Options
from aggregator.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from storage.partner import Partner
    from storage.partner_days import Use

_DAYS = 30
_LONGEST_MINUTES = 366 * 24 * 60
_LONGEST_HOURS = 366 * 24
Name = Annotated[str, typer.Argument(metavar="NAME", help="The partner's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; times in UTC.")]

LastDay = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The last day on which the key is good.")
]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    group = typer.Typer(no_args_is_help=True, help="Give partners keys of their own, and see what they use.")
    for command in (add, show, rotate, revoke):
        group.command()(command)
    group.command("list")(list_all)
    app.add_typer(group, name="partner")


def add(
    context: typer.Context,
    name: Name,
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="SLUG", help="A category; as often as there are.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that everybody may see.")] = False,
    excerpt: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, metavar="N", help="Only the first N characters of each text.")
    ] = None,
    embargo: Annotated[
        int, typer.Option(min=0, max=_LONGEST_MINUTES, metavar="MINUTES", help="How long after it came.")
    ] = 0,
    per_minute: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="N", help="How many requests are answered in a minute.")
    ] = 60,
    expires: LastDay = None,
    webhook: Annotated[str, typer.Option(metavar="URL", help="Where events are sent to.")] = "",
) -> None:
    """Make a partner, and print its key, and below it the secret that its webhook is signed with: the key just once."""
    from aggregator import partnering
    from storage.partner import Terms

    zone = context.obj.load().published_site.timezone
    wish = partnering.Wish(
        name=name,
        categories=tuple(category or ()),
        everything=everything,
        terms=Terms(excerpt, timedelta(minutes=embargo)),
        per_minute=per_minute,
        expires=partnering.end_of(expires.date(), zone) if expires else None,
        webhook=webhook,
    )
    with _writing(context.obj) as (connection, now):
        partner, key = partnering.add(connection, wish, now)
    typer.echo(key)
    kept = "it is not kept, and cannot be shown again"
    if partner.webhook_secret:
        typer.echo(partner.webhook_secret)
        say(f"{name} can come with the key in the first line; {kept}")
        say("the second line is the secret that its webhook is signed with: feedmill partner show --secret shows it")
    else:
        say(f"{name} can come with this key; {kept}")


def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List every partner, with what it was granted on which terms; revoked ones too."""
    from storage import partners

    now = datetime.now(UTC)
    with _reading(context.obj) as connection:
        found = partners.all(connection)
    if as_json:
        _print_json([_facts(one, now) for one in found])
        return
    for one in found:
        typer.echo(f"{one.name}  {_state(one, now)}  {_grants(one)}  {_terms(one)}")
    if not found:
        say("there is no partner yet: feedmill partner add makes one")


def show(
    context: typer.Context,
    name: Name,
    secret: Annotated[bool, typer.Option("--secret", help="Show what the webhook is signed with, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was agreed with a partner, and what it used on each of the last 30 days."""
    from aggregator import partnering
    from storage import partner_days

    now = datetime.now(UTC)
    since = now.date() - timedelta(days=_DAYS - 1)
    with _reading(context.obj) as connection:
        partner = partnering.find(connection, name)
        used = partner_days.recent(connection, name, since)
    facts = _facts(partner, now)
    if secret:
        facts["webhookSecret"] = partner.webhook_secret or None
    if as_json:
        _print_json({**facts, "days": [{"day": day, **use._asdict()} for day, use in used.items()]})
        return
    _print_facts(partner, now)
    if secret:
        typer.echo(f"webhook secret: {partner.webhook_secret or 'none'}")
    _print_table(used)


def rotate(
    context: typer.Context,
    name: Name,
    keep: Annotated[
        int, typer.Option(min=0, max=_LONGEST_HOURS, metavar="HOURS", help="How long the former key is good.")
    ] = 24,
) -> None:
    """Give a partner another key, and print it; with --keep 0 the former one ends at once."""
    from aggregator import partnering

    with _writing(context.obj) as (connection, now):
        partner, key = partnering.rotate(connection, name, timedelta(hours=keep), now)
    typer.echo(key)
    until = f"the former one is good until {_moment(partner.former_until)}" if keep else "the former one opens nothing"
    say(f"{name} has another key, which is not kept; {until}")


def revoke(context: typer.Context, name: Name) -> None:
    """Let a partner's keys open nothing any more, for good; a Feedmill that is running knows it at once."""
    from aggregator import partnering

    with _writing(context.obj) as (connection, now):
        partnering.revoke(connection, name, now)
    say(f"{name} is revoked: its keys open nothing")


@contextmanager
def _reading(options: Options) -> Iterator[Connection]:
    from storage.database import open_database

    database = open_database(options.load().storage.url)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def _writing(options: Options) -> Iterator[tuple[Connection, datetime]]:
    from storage.database import open_database

    database = open_database(options.load().storage.url)
    try:
        with database.writing() as connection:
            yield connection, datetime.now(UTC)
    finally:
        database.close()


def _facts(partner: Partner, now: datetime) -> dict[str, Any]:
    from storage.category import ALL

    return {
        "name": partner.name,
        "state": _state(partner, now),
        "all": ALL in partner.categories,
        "categories": [slug for slug in partner.categories if slug != ALL],
        "excerpt": partner.terms.excerpt,
        "embargoMinutes": int(partner.terms.embargo.total_seconds()) // 60,
        "perMinute": partner.per_minute,
        "created": partner.created,
        "expires": partner.expires,
        "revoked": partner.revoked,
        "formerKeyUntil": partner.former_until if _has_former(partner, now) else None,
        "webhook": partner.webhook or None,
    }


def _print_facts(partner: Partner, now: datetime) -> None:
    lines = {
        "state": _state(partner, now),
        "sees": _grants(partner),
        "terms": _terms(partner),
        "since": _moment(partner.created),
        "until": _moment(partner.expires),
        "revoked": _moment(partner.revoked),
        "former key until": _moment(partner.former_until) if _has_former(partner, now) else "",
        "webhook": partner.webhook,
    }
    for label, value in lines.items():
        if value:
            typer.echo(f"{label}: {value}")


def _print_table(used: Mapping[date, Use]) -> None:
    if not used:
        typer.echo(f"used: not in the last {_DAYS} days")
        return
    typer.echo(f"{'day':10}  {'requests':>10}  {'refused':>10}  {'entries':>10}")
    for day, use in used.items():
        typer.echo(f"{day}  {use.requests:>10,}  {use.refused:>10,}  {use.entries:>10,}")


def _state(partner: Partner, now: datetime) -> str:
    if partner.revoked is not None:
        return "revoked"
    return "good" if partner.is_welcome(now) else "ended"


def _has_former(partner: Partner, now: datetime) -> bool:
    return partner.former_until is not None and now < partner.former_until


def _grants(partner: Partner) -> str:
    return ", ".join(slug or "all that is public" for slug in partner.categories)


def _terms(partner: Partner) -> str:
    text = "full text" if partner.terms.excerpt is None else f"{partner.terms.excerpt:,} characters of each text"
    minutes = int(partner.terms.embargo.total_seconds()) // 60
    late = f", {minutes:,} minutes late" if minutes else ""
    return f"{text}{late}, {partner.per_minute:,} requests a minute"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _print_json(value: object) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
