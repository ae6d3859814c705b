"""A skip is a promise to test elsewhere; CI is that elsewhere."""

from __future__ import annotations

import pytest


@pytest.fixture
def bare_machine(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    return monkeypatch


def test_a_missing_tool_skips_and_says_how_to_get_it(bare_machine, tool):
    with pytest.raises(pytest.skip.Exception, match="rapper is not installed: make tools"):
        tool("rapper")


def test_a_missing_tool_fails_in_ci(bare_machine, tool):
    bare_machine.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="rapper is not installed"):
        tool("rapper")


@pytest.mark.needs("git")
def test_a_tool_that_is_there_is_found(tool):
    assert tool("git").endswith("/git")
