"""The page is complete in itself, safe to open, and readable without seeing or running anything."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from pages import Page
from reports import attacked, bare, rich

from syngen.errors import OutputError
from syngen.report.html import as_html
from syngen.types import Neighbour, Pictures

ATTACKS = (
    "</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)><a href='javascript:alert(1)'>",
    "' autofocus onfocus='alert(1)",
    "</style></title></textarea><!--",
    "<![CDATA[ {{ 7 * 7 }} {% raw %} &lt;b&gt; ]]>",
    "\u2028\u2029\x00\x1b[31m\ud83d",
)


@cache
def html() -> str:
    """The page of a rich report."""
    return as_html(rich())


@cache
def rich_page() -> Page:
    """That page, read."""
    return Page(html())


@cache
def attacked_page(attack: str) -> Page:
    """A page whose every text ends with an attack."""
    return Page(as_html(attacked(rich(points=40), attack)))


def test_the_page_asks_nothing_of_the_network():
    for element in rich_page().elements:
        for name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            assert element.attributes.get(name, "#").startswith("#"), element
    (style,) = rich_page().all("style")
    assert "@import" not in style.text
    assert "url(" not in style.text
    assert not rich_page().all("link")


def test_only_the_scripts_of_the_page_may_run():
    (policy,) = rich_page().all("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = policy.attributes["content"]
    assert "default-src 'none'" in rules
    scripts = next(rule for rule in rules.split("; ") if rule.startswith("script-src"))
    assert scripts.count("'sha256-") == 2
    assert "'unsafe-inline'" not in scripts


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_makes_an_element_or_an_attribute(attack: str):
    page = attacked_page(attack)
    written = {(e.tag, name) for e in rich_page().elements for name in ("", *e.attributes)}
    assert {(e.tag, name) for e in page.elements for name in ("", *e.attributes)} <= written
    assert len(page.all("script")) == len(rich_page().all("script"))


def test_texts_are_shown_as_they_are():
    attack = "<b>&amp; 'quoted' \"twice\" {{ 7 * 7 }}"
    page = Page(as_html(attacked(rich(points=40), attack)))
    assert all(e.text.rstrip().endswith(attack) for e in page.all("p", class_="sentence"))
    (title,) = page.all("title")
    assert title.text.count(attack) == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_data_of_the_charts_end_only_where_they_should(attack: str):
    page = attacked_page(attack)
    (data,) = page.all("script", type="application/json")
    assert not re.search("[<>&\u2028\u2029]", data.text)
    specs = json.loads(data.text)["specs"]
    (texts,) = [
        [row["text"] for row in rows]
        for rows in specs["chart-map"]["datasets"].values()
        if rows[0]["side"] == "real"
    ]
    assert all(text.endswith(attack) for text in texts)


def test_every_id_is_there_once_and_every_link_has_its_place():
    ids = [e.attributes["id"] for e in rich_page().elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in rich_page().elements:
        for name in ("href", "aria-labelledby"):
            if name in element.attributes:
                assert element.attributes[name].removeprefix("#") in ids


def test_every_chart_has_a_text_and_a_table_of_its_numbers():
    figures = rich_page().all("figure")
    charts = rich_page().all("div", class_="chart")
    (data,) = rich_page().all("script", type="application/json")
    plots = {e.attributes["id"] for e in rich_page().all("div", class_="plot")}
    assert plots == set(json.loads(data.text)["specs"])
    assert all(e.attributes["role"] == "img" and len(e.attributes["aria-label"]) > 40 for e in charts)
    assert (
        len(rich_page().all("figcaption"))
        == len(rich_page().all("details", class_="numbers"))
        == len(figures)
        == 14
    )
    assert len(rich_page().all("table", class_="plain")) == len(figures)


def test_what_scrolls_can_be_reached_by_keyboard():
    assert all(e.attributes["tabindex"] == "0" for e in rich_page().all("div", class_="scroll"))


def test_headings_go_down_one_level_at_a_time():
    levels = [int(e.tag[1]) for e in rich_page().elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_verdict_comes_first_then_the_three_answers_then_the_findings():
    text = re.sub(r"\s+", " ", rich_page().all("main")[0].text)
    report = rich()
    said = [report.overall.headline, *(a.headline for a in report.answers), "Faults that a careful reader"]
    places = [text.index(headline) for headline in said[1:]]
    assert text.index(said[0]) < places[0]
    assert places == sorted(places)


def test_a_level_is_told_by_a_word_and_not_by_colour_alone():
    words = [e.text.strip() for e in rich_page().all("p", class_="level")]
    assert words == ["With care", "Problem", "Can't tell"]
    assert {e.text.strip() for e in rich_page().all("p", class_="severity")} == {"Error", "Warning", "Note"}


def test_a_score_that_was_not_computed_says_why():
    cells = [e.text for e in rich_page().all("td", class_="verdict")]
    assert any("not computed: no grade was wanted" in text for text in cells)
    assert len(cells) == len(rich().scores)


def test_shared_words_are_marked_on_both_sides():
    marks = [e.text for e in rich_page().all("mark")]
    assert marks.count("it boils faster than the one at home") == 2
    assert marks.count("bought this kettle for our caravan") == 2


def test_shared_words_are_found_whatever_their_case_and_spacing():
    near = Neighbour(
        1, "It works, like new!", 2, "well it WORKS\nlike  new.", 0.9, ("works, like new",), "why"
    )
    report = dataclasses.replace(bare(), pictures=Pictures(neighbours=(near,)))
    assert [e.text for e in Page(as_html(report)).all("mark")] == ["works, like new", "WORKS\nlike  new"]


def test_next_to_nothing_measured_still_makes_a_page():
    html = as_html(bare())
    page = Page(html)
    assert "No: there is no usable row" in page.all("main")[0].text
    assert not page.all("figure")
    assert not page.all("table")
    assert len(html) < 60_000  # no charts, so no library of charts


def test_a_missing_map_says_why():
    report = dataclasses.replace(bare(), pictures=Pictures(map_note="A map needs 20 texts a side."))
    assert "A map needs 20 texts a side." in Page(as_html(report)).all("main")[0].text


def test_pictures_without_data_are_left_out():
    page = Page(as_html(dataclasses.replace(rich(), pictures=Pictures())))
    assert not page.all("figure")


def test_classes_that_are_numbers_come_in_their_order():
    (figure,) = [e for e in rich_page().all("figure") if e.attributes["id"] == "confusion-2"]
    (data,) = rich_page().all("script", type="application/json")
    (cells,) = json.loads(data.text)["specs"]["chart-confusion-2-real"]["datasets"].values()
    assert [cell["predicted"] for cell in cells[:5]] == ["1", "2", "3", "4", "5"]
    assert "1 taken for 5 in 46%" in figure.text


def test_whole_numbers_are_counted_one_by_one():
    (table,) = [e for e in rich_page().all("figure") if e.attributes["id"] == "distribution-4"]
    assert "Widest gap at 3:" in table.text


def test_the_page_is_small_enough_to_send(tmp_path: Path):
    path = rich(points=1500).to_html(tmp_path / "report.html")
    assert path.stat().st_size < 2_000_000


def test_a_page_that_cannot_be_written_says_how_to_mend_it(tmp_path: Path):
    with pytest.raises(OutputError, match="mkdir -p"):
        bare().to_html(tmp_path / "nowhere" / "report.html")
    with pytest.raises(OutputError, match="is a folder"):
        bare().to_html(tmp_path)


def test_an_older_page_is_replaced_and_nothing_else_is_left(tmp_path: Path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert bare().to_html(str(path)) == path
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
