"""The stylesheet: readable in both lights, complete, and at home on any host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feeds.writing import pages

STYLE = pages.stylesheet().decode()
TEMPLATES = sorted((Path(pages.__file__).parent / "templates").glob("*.html"))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def colours(light: str) -> dict[str, str]:
    before, dark, after = STYLE.partition("@media (prefers-color-scheme: dark)")
    assert dark
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", after if light == "dark" else before))


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "muted", "red"])
@pytest.mark.parametrize("ground", ["paper", "shade"])
def test_every_text_has_contrast_enough(light: str, ink: str, ground: str) -> None:
    scheme = colours(light)
    assert contrast(scheme[ink], scheme[ground]) >= 4.5


def test_no_colour_stands_outside_the_two_schemes() -> None:
    assert len(re.findall(r"#[0-9a-fA-F]{3,8}\b", STYLE)) == len(colours("light")) + len(colours("dark"))


def test_nothing_is_loaded() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "//" not in STYLE


def test_braces_are_balanced() -> None:
    assert STYLE.count("{") == STYLE.count("}") > 50


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_class_has_a_style(template: Path) -> None:
    used = {name for names in re.findall(r'class="([^"]+)"', template.read_text()) for name in names.split()}
    assert used <= set(re.findall(r"\.([a-z]+)", STYLE))
