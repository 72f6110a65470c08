"""The rules of a ``[[source]]`` as they are written: what each says, and what it must be to work."""

from __future__ import annotations

import re
import string
import warnings
from typing import TYPE_CHECKING, Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from aggregator.rules import Body, Condition, RuleField, Rules
from aggregator.slugs import slug
from storage.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

_AS_FIELDS = ", ".join(RuleField)
_LONGEST_PATTERN = 2_000
# No text that is searched holds them; "\b" in double quotes is one.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DOLLAR_GROUP = re.compile(r"\$(?:[1-9&]|\{\w+\})")


def _pattern(value: object) -> object:
    """Compile a pattern. Case does not matter, unless the pattern says so with ``(?-i:…)``."""
    if isinstance(value, re.Pattern):
        return value
    if not isinstance(value, str):
        raise ValueError(f"a pattern is a text in quotes, not {value!r}")  # noqa: TRY004  pydantic wants it
    if len(value) > _LONGEST_PATTERN:
        raise ValueError(f"a pattern has at most {_LONGEST_PATTERN} characters: make several rules of it")
    if _CONTROL.search(value):
        raise ValueError(f"{value!r} holds a control character, which no text does: write patterns in single quotes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(value, re.IGNORECASE)
    except re.error as error:
        place = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise ValueError(f"{_shown(value)} is not a regular expression: {error.msg}{place}") from error
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"{_shown(value)} is too much for a regular expression: {error}") from error
    except Warning as error:
        raise ValueError(
            f"{_shown(value)} means something else than it seems: {error}; write \\[ for a bracket"
        ) from error
    if _finds_everything(compiled):
        raise ValueError(f"{_shown(value)} is found in every text, even in an empty one: say what is to be found")
    return compiled


def _shown(pattern: str) -> str:
    """*pattern* as it is written in single quotes: with its backslashes, not with twice as many."""
    return f"'{pattern}'"


def _finds_everything(pattern: re.Pattern[str]) -> bool:
    """Whether *pattern* is found in any text at all. A pattern that asks for what is not there is given its chance."""
    if "(?!" in pattern.pattern or "(?<!" in pattern.pattern:
        return False
    # Letters stand alone between signs, so that no pattern tries long for one.
    varied = "".join(
        f"{a}{b}" for a, b in zip(string.ascii_letters + string.digits, string.punctuation * 2, strict=False)
    )
    return all(pattern.search(text) for text in ("", varied, f"一 {pattern.pattern}", "- " * 2_000))


def _slugs(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]
ConditionTable = dict[RuleField, Pattern]


class LinkRewrite(BaseModel):
    """``[[source.rewrite_links]]``: a pattern, and what takes the place of each part of a link in which it is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: Pattern
    replace: str

    @field_validator("replace")
    @classmethod
    def _expandable(cls, value: str, info: ValidationInfo) -> str:
        if found := _DOLLAR_GROUP.search(value):
            raise ValueError(rf"{found[0]!r} stands for itself: a group is written \1 or \g<name>, in single quotes")
        if "pattern" in info.data:
            try:
                info.data["pattern"].sub(value, "")  # looked at even where nothing is found
            except (re.error, IndexError) as error:
                raise ValueError(f"{_shown(value)} cannot take the pattern's place: {error}") from error
        return value


class RuleSettings(BaseModel):
    """What a ``[[source]]`` says of which entries it wants, and how. All is applied to what is read from then on."""

    keep: tuple[ConditionTable, ...] = ()
    drop: tuple[ConditionTable, ...] = ()
    map_categories: dict[str, Annotated[tuple[str, ...], BeforeValidator(_slugs)]] = {}
    rewrite_links: tuple[LinkRewrite, ...] = ()
    body: Body | None = None
    most: int | None = Field(default=None, ge=1)

    @field_validator("map_categories")
    @classmethod
    def _mappable(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, slugs in value.items():
            if not name.strip():
                raise _wrong((name,), "names no category")
            if any(not own.strip() for own in slugs):
                raise _wrong((name,), "a category's slug cannot be empty: write [] for none at all")
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        for name in ("keep", "drop"):
            table: Sequence[Mapping[RuleField, re.Pattern[str]]] = getattr(self, name)
            for number, condition in enumerate(table):
                if not condition:
                    raise _wrong((name, number), f"says nothing: name a field to search in, {_AS_FIELDS}")
                if condition in table[:number]:
                    raise _wrong((name, number), "stands there twice")
        for number, condition in enumerate(self.drop):
            if condition in self.keep:
                raise _wrong(("drop", number), "drops all that the same rule under keep lets in")
        return self


def check_rules(rules: RuleSettings, kind: SourceKind, *, own_categories: bool) -> None:
    """See whether *rules* can work for a source of *kind*; *own_categories* tells whether its entries' own count.

    Raises:
        ValidationError: one cannot; it tells the place within the source.
    """
    if rules.most is not None and kind is SourceKind.POSTS:
        raise _wrong(("most",), 'is for documents, and a source of kind "posts" has none: it is read file by file')
    if rules.map_categories and not own_categories:
        message = 'the entries\' own categories do not count beside "categories": set entry_categories = "add"'
        raise _wrong(("map_categories",), message)
    seen: dict[str, str] = {}
    for name in rules.map_categories:
        own = _own_slug(name, kind)
        if own in seen:
            raise _wrong(("map_categories", name), f"is the same category as {seen[own]!r}, which is mapped already")
        seen[own] = name


def rules_of(rules: RuleSettings, kind: SourceKind) -> Rules:
    """The rules of a source of *kind*, as they are applied."""
    return Rules(
        keep=tuple(map(_condition, rules.keep)),
        drop=tuple(map(_condition, rules.drop)),
        links=tuple((rewrite.pattern, rewrite.replace) for rewrite in rules.rewrite_links),
        categories={_own_slug(name, kind): slugs for name, slugs in rules.map_categories.items()},
        body=rules.body,
        most=rules.most,
    )


def _condition(table: Mapping[RuleField, re.Pattern[str]]) -> Condition:
    return tuple(table.items())


def _own_slug(name: str, kind: SourceKind) -> str:
    """A category is known by its slug, which posts give as it is."""
    return name.strip() if kind is SourceKind.POSTS else slug(name)


def _wrong(place: tuple[str | int, ...], message: str) -> ValidationError:
    """An error at a *place* within what is being validated: pydantic puts the place of that before it."""
    kind = PydanticCustomError("value_error", "{message}", {"message": message})
    return ValidationError.from_exception_data("rules", [InitErrorDetails(type=kind, loc=place, input=None)])
