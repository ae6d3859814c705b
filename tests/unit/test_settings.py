"""Settings come from the environment, each with a default; what is wrong stops the command and says what to write."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from planvev.errors import BadSetting
from planvev.settings import PREFIX, SETTINGS, Settings


def test_nothing_need_be_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.load({"HOME": str(tmp_path)})
    assert settings.library == tmp_path
    assert settings.base == "https://w3id.org/planvev"
    assert settings.language == "nb"
    assert (settings.web_processes, settings.query_workers, settings.query_memory_mb) == (0, 0, 0), (
        "the machine decides"
    )
    assert (settings.query_seconds, settings.slow_queries, settings.trusted_proxies) == (20.0, 6, ())
    assert (settings.result_mb, settings.query_kb, settings.keep) == (64, 256, 5)
    assert settings.state.is_relative_to(tmp_path / ".local" / "state" / "planvev")


def test_every_row_of_the_table_is_a_setting_and_every_setting_a_row():
    assert [row.name.lower() for row in SETTINGS] == list(Settings.__dataclass_fields__)
    assert all(row.help.endswith(".") for row in SETTINGS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("BASE", "http://localhost:8000", "http://localhost:8000"),
        ("LANGUAGE", "nn", "nn"),
        ("QUERY_WORKERS", "7", 7),
        ("QUERY_WORKERS", "auto", 0),
        ("SLOW_QUERIES", "3", 3),
        ("WEB_PROCESSES", "2", 2),
        ("TRUSTED_PROXIES", "10.0.0.1/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("QUERY_SECONDS", "0.5", 0.5),
        ("QUERY_MEMORY_MB", "64", 64),
        ("RESULT_MB", "1", 1),
        ("QUERY_KB", "1", 1),
        ("KEEP", "1", 1),
        ("STATE", "/var/lib/planvev", Path("/var/lib/planvev")),
        ("LIBRARY", "/srv/planer", Path("/srv/planer")),
    ],
)
def test_a_value_is_taken(name, text, value):
    assert getattr(Settings.load({PREFIX + name: text}), name.lower()) == value


def test_a_tilde_is_the_home_folder():
    assert Settings.load({"PLANVEV_STATE": "~/x"}).state == Path.home() / "x"


def test_an_empty_value_is_the_default():
    assert Settings.load({"PLANVEV_KEEP": ""}).keep == 5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BASE", "w3id.org/planvev"),
        ("BASE", "https://w3id.org/planvev/"),
        ("BASE", "https://w3id.org/plan vev"),
        ("BASE", "https://"),
        ("BASE", "https://w3id.org/planvev?x#y"),
        ("LANGUAGE", "no"),
        ("LANGUAGE", "NB"),
        ("SHACL", "jena"),
        ("QUERY_WORKERS", "0"),
        ("QUERY_WORKERS", "two"),
        ("SLOW_QUERIES", "auto"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("TRUSTED_PROXIES", "10.0.0.1:80"),
        ("QUERY_WORKERS", "1.5"),
        ("QUERY_SECONDS", "0"),
        ("QUERY_SECONDS", "-1"),
        ("QUERY_SECONDS", "nan"),
        ("QUERY_SECONDS", "inf"),
        ("QUERY_SECONDS", "20s"),
        ("QUERY_MEMORY_MB", "2 GB"),
        ("RESULT_MB", "-1"),
        ("QUERY_KB", " x"),
        ("KEEP", "0"),
        ("STATE", "~nobody-of-that-name/x"),
    ],
)
def test_a_wrong_value_is_named_with_what_the_setting_means(name, text):
    with pytest.raises(BadSetting) as refused:
        Settings.load({PREFIX + name: text})
    said = str(refused.value)
    assert f"{PREFIX}{name} is {text!r}" in said
    assert next(row.help for row in SETTINGS if row.name == name) in said
    assert "invalid literal" not in said
    assert "could not convert" not in said
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("PLANVEV_LIBARY", "PLANVEV_LIBRARY"),
        ("PLANVEV_QUERY_SECOND", "PLANVEV_QUERY_SECONDS"),
        ("PLANVEV_KEPT", "KEEP"),
    ],
)
def test_a_name_nearly_right_is_answered_with_the_right_one(name, near):
    with pytest.raises(BadSetting, match=f"There is no setting {name}. Did you mean .*{near}"):
        Settings.load({name: "1"})


def test_a_name_like_nothing_is_answered_with_the_table():
    with pytest.raises(BadSetting) as refused:
        Settings.load({"PLANVEV_XYZZY": "1"})
    assert all(PREFIX + row.name in refused.value.advice for row in SETTINGS)


def test_names_of_others_are_none_of_our_business():
    Settings.load({"PLANVEVX": "1", "QUERY_SECONDS": "no", "planvev_keep": "no"})


def test_two_libraries_never_share_a_state_folder():
    def state(library: str) -> Path:
        return Settings.load({"PLANVEV_LIBRARY": library, "XDG_STATE_HOME": "/var/state"}).state

    assert state("/srv/one") == state("/srv/one/")
    assert state("/srv/one") != state("/srv/two")
    assert state("/srv/one").parent == Path("/var/state/planvev")
