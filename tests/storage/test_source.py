"""What is remembered of a source between pulls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.source import PullState, SourceKind


def test_a_state_with_other_facts_is_what_dataclasses_make_of_it() -> None:
    state = PullState("tides", SourceKind.FEED, failures=3, why="it is late")
    assert state.but(failures=0, etag='"1"') == replace(state, failures=0, etag='"1"')
    assert state.but() == state
    with pytest.raises(TypeError, match="a state has no colour"):
        state.but(colour="red")
