"""The files that pages load: their addresses change with their content, and pages stand without what is not made."""

from __future__ import annotations

import json

from planvev.web.assets import STATIC, Assets


def folder(tmp_path, sheet: str = "p {}"):
    (tmp_path / "planvev.css").write_text(sheet)
    return tmp_path


def made(tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "system.AB12.css").write_text("a {}")
    (tmp_path / "made" / "letters.CD34.woff2").write_bytes(b"wOF2")
    (tmp_path / "made" / "made.json").write_text(json.dumps({"system.css": "system.AB12.css"}))
    return tmp_path


def test_an_address_changes_with_the_content_and_answers_with_it(tmp_path):
    before = Assets(folder(tmp_path)).address("planvev.css")
    after = Assets(folder(tmp_path, "p { color: red }"))
    address = after.address("planvev.css")
    assert before != address
    asset = after.get(str(address).removeprefix("/static/"))
    assert asset is not None
    assert (asset.type, asset.content) == ("text/css; charset=utf-8", b"p { color: red }")
    assert after.get(str(before).removeprefix("/static/")) is None


def test_what_is_made_of_packages_is_found_by_its_name_and_what_it_loads_by_its_own(tmp_path):
    assets = Assets(made(folder(tmp_path)))
    assert assets.address("system.css") == "/static/system.AB12.css"
    letters = assets.get("letters.CD34.woff2")
    assert letters is not None
    assert letters.type == "font/woff2"


def test_what_is_not_made_has_no_address_and_our_own_sheet_has_one(tmp_path):
    assets = Assets(folder(tmp_path))
    assert assets.address("system.css") is None
    assert assets.address("planvev.css")


def test_no_name_leads_out_of_the_folder():
    assert Assets().get("../assets.py") is None
    assert Assets().get("made/made.json") is None
    assert (STATIC / "planvev.css").is_file()
