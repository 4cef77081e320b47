"""A free reply, in all the forms that models give it, comes back as rows with the mending noted."""

from __future__ import annotations

import csv
import io

import pytest

from syngen.tables.replies import native

HEADER = "stars,headline,comment,sku,likes"
SHARP = "5,Sharp,Cuts oak well,TL0001,3"
DULL = '2,Dull,"Broke, twice",TL0002,0'
VALUES = {"stars": 5, "headline": "Sharp", "comment": "Cuts oak well", "sku": "TL0001", "likes": 3}
DULL_VALUES = {"stars": 2, "headline": "Dull", "comment": "Broke, twice", "sku": "TL0002", "likes": 0}


def lines(*rows: str) -> str:
    return "\n".join(rows)


def values(reply) -> list[dict]:
    return [dict(candidate.values) for candidate in reply.candidates]


def test_plain_csv_is_read_as_it_is(tools):
    reply = native(lines(HEADER, SHARP, DULL), tools)
    assert values(reply) == [VALUES, DULL_VALUES]
    assert (reply.complete_rows, reply.notes, reply.rejected) == (2, (), ())
    assert reply.candidates[0].raw == SHARP
    assert reply.candidates[0].slot is None


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (lines("Sure! Here are 2 rows, as CSV:", "", HEADER, SHARP, DULL), {"format.preamble"}),
        (lines(HEADER, SHARP, DULL, "", "Let me know, if you want more."), {"format.trailing_text"}),
        (lines("```csv", HEADER, SHARP, DULL, "```"), {"format.fence"}),
        (
            lines("Here, as asked, are rows:", "```", HEADER, SHARP, DULL, "```", "Enjoy, friend."),
            {"format.fence", "format.preamble", "format.trailing_text"},
        ),
        (lines("<think>", SHARP, "</think>", HEADER, SHARP, DULL), {"format.thinking"}),
        (lines(SHARP, DULL), {"format.no_header"}),
        (lines(HEADER, SHARP, HEADER, DULL), {"format.repeated_header"}),
        (
            lines(HEADER, SHARP, "", "And one more:", "", HEADER, DULL),
            {"format.talk_between", "format.repeated_header"},
        ),
        (lines(HEADER, "", SHARP, "", DULL, ""), set()),
        (lines(HEADER.upper(), SHARP, DULL), set()),
        ("\ufeff" + lines(HEADER, SHARP, DULL).replace("\n", "\r\n"), set()),
    ],
)
def test_what_stands_around_the_rows_is_noted(text, notes, tools):
    reply = native(text, tools)
    assert values(reply) == [VALUES, DULL_VALUES]
    assert set(reply.notes) == notes
    assert reply.complete_rows == 2


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " | "])
def test_other_delimiters_are_recognised(delimiter, tools):
    text = lines(*(delimiter.join(line.split(",")) for line in (HEADER, SHARP)))
    assert values(native(text, tools)) == [VALUES]


def test_a_markdown_table_is_a_table(tools):
    text = lines(
        "| stars | headline | comment | sku | likes |",
        "|:-----:|---|---|---|--:|",
        "| 5 | Sharp | Cuts oak well | TL0001 | 3 |",
        r"| 2 | Dull \| bent | Broke, twice | TL0002 | 0 |",
    )
    reply = native(text, tools)
    assert values(reply) == [VALUES, DULL_VALUES | {"headline": "Dull | bent"}]
    assert reply.notes == ("format.markdown_table",)


@pytest.mark.parametrize("leads", [("1. ", "2. "), ("- ", "- "), ("(1) ", "(2) "), ("Row 1: ", "Row 2: ")])
def test_numbers_and_bullets_before_rows_are_taken_off(leads, tools):
    reply = native(lines(leads[0] + SHARP, leads[1] + DULL), tools)
    assert values(reply) == [VALUES, DULL_VALUES]
    assert "format.numbered" in reply.notes


@pytest.mark.parametrize("header", [(), (HEADER,)])
def test_rows_numbered_in_a_cell_of_their_own_are_read_without_it(header, tools):
    reply = native(lines(*header, "1," + SHARP, "2," + DULL, "3," + SHARP), tools)
    assert values(reply) == [VALUES, DULL_VALUES, VALUES]
    assert "format.numbered" in reply.notes


@pytest.mark.parametrize(
    ("header", "row", "note"),
    [
        ("Stars,Headline,Comment Text,SKU,Likes", SHARP, "format.renamed_column"),
        ("Rating,Title,Review,Product,Helpful votes", SHARP, "format.renamed_column"),
        ("1. stars,2. headline,3. comment,4. sku,5. likes", SHARP, None),
        ("sku,likes,stars,comment,headline", "TL0001,3,5,Cuts oak well,Sharp", "format.reordered_columns"),
        (HEADER + ",mood", SHARP + ",glad", "format.extra_columns"),
        ("#," + HEADER, "7," + SHARP, "format.extra_columns"),
    ],
)
def test_headers_are_mapped_to_the_reference(header, row, note, tools):
    reply = native(lines(header, row, row), tools)
    assert values(reply) == [VALUES, VALUES]
    assert reply.notes == ((note,) if note else ())
    assert reply.complete_rows == 2


def test_a_dropped_column_is_noted_and_the_rows_are_not_complete(tools):
    reply = native(lines("stars,headline,comment,likes", "5,Sharp,Cuts oak well,3"), tools)
    assert values(reply) == [{k: v for k, v in VALUES.items() if k != "sku"}]
    assert (reply.notes, reply.complete_rows) == (("format.missing_columns",), 0)


def test_an_unknown_name_whose_cells_do_not_fit_is_an_extra_column(tools):
    reply = native(lines("mood,headline,comment,sku,likes", "glad,Sharp,Cuts oak well,TL0001,3"), tools)
    assert "stars" not in reply.candidates[0].values
    assert set(reply.notes) == {"format.extra_columns", "format.missing_columns"}


@pytest.mark.parametrize(
    ("row", "headline", "comment"),
    [
        ("5,Sharp,Cuts oak, pine, and ash,TL0001,3", "Sharp", "Cuts oak, pine, and ash"),
        ("5,Well, well,Cuts oak, or so,TL0001,3", "Well, well", "Cuts oak, or so"),
        ('5,"Sharp, very",Cuts oak, at last,TL0001,3', "Sharp, very", "Cuts oak, at last"),
        ('5,Sharp,"I said "oak", then pine",TL0001,3', "Sharp", 'I said "oak", then pine'),
        ("5,Sharp,Cost 1,200 new,TL0001,3", "Sharp", "Cost 1,200 new"),
    ],
)
def test_unescaped_delimiters_are_joined_between_the_anchors(row, headline, comment, tools):
    reply = native(lines(HEADER, row), tools)
    assert values(reply) == [VALUES | {"headline": headline, "comment": comment}]
    assert reply.candidates[0].notes == ("format.unescaped_delimiter",)
    assert reply.complete_rows == 1


def test_quotes_inside_a_quoted_cell_survive(tools):
    reply = native(lines(HEADER, '5,Sharp,"The "best" saw",TL0001,3', '5,Sharp,5" blade,TL0001,3'), tools)
    assert [v["comment"] for v in values(reply)] == ['The "best" saw', '5" blade']


def test_a_quote_never_closed_ends_with_its_line(tools):
    reply = native(lines(HEADER, '5,Sharp,"Cuts oak well,TL0001,3', DULL), tools)
    assert values(reply) == [VALUES, DULL_VALUES]
    assert reply.candidates[0].notes == ("format.unclosed_quote",)


def test_a_quoted_cell_may_span_lines(tools):
    reply = native(lines(HEADER, '5,Sharp,"Cuts oak.', "", 'Pine, too.",TL0001,3', DULL), tools)
    assert values(reply) == [VALUES | {"comment": "Cuts oak.\n\nPine, too."}, DULL_VALUES]


@pytest.mark.parametrize("tail", ["2,Du", '2,Dull,"Broke, tw', "2,Dull,Broke,TL0", "2"])
def test_a_cut_off_last_row_is_rejected(tail, tools):
    reply = native(lines(HEADER, SHARP, tail), tools)
    assert values(reply) == [VALUES]
    if tail.endswith("TL0"):
        assert [(r.code, r.raw) for r in reply.rejected] == [("parse.cut_off", tail)]
    assert [r.code for r in reply.rejected] == ["parse.cut_off"]
    assert reply.complete_rows == 1


def test_a_short_row_in_the_middle_was_not_cut_off(tools):
    reply = native(lines(HEADER, "2,Dull,Broke", SHARP), tools)
    assert reply.rejected == ()
    assert "format.missing_cells" in reply.candidates[0].notes
    assert reply.complete_rows == 1


def test_a_line_amid_the_rows_that_fits_no_column_is_rejected(tools):
    reply = native(lines(HEADER, SHARP, "and, so, on, and, on", DULL), tools)
    assert values(reply) == [VALUES, DULL_VALUES]
    assert [r.code for r in reply.rejected] == ["parse.unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        '{{"rows": [{0}, {1}]}}',
        "[{0}, {1}]",
        "{0}\n{1}",
        'As asked:\n```json\n{{"data": {{"items": [{0}, {1}]}}}}\n```',
        "1. {0}\n2. {1}",
    ],
)
def test_json_is_found_in_any_wrapping(text, tools):
    objects = (
        '{"stars": 5, "headline": "Sharp", "comment": "Cuts oak well", "sku": "TL0001", "likes": 3}',
        '{"stars": "2", "headline": "Dull", "comment": "Broke, twice", "sku": "TL0002", "likes": 0}',
    )
    reply = native(text.format(*objects), tools)
    assert values(reply) == [VALUES, DULL_VALUES]
    assert reply.complete_rows == 2


def test_of_cut_off_json_the_complete_objects_are_read(tools):
    text = '[{"stars": 5, "headline": "Sharp", "comment": "A", "sku": "TL0001", "likes": 3}, {"stars": 4, "h'
    reply = native(text, tools)
    assert len(reply.candidates) == 1
    assert [r.code for r in reply.rejected] == ["parse.cut_off"]


def test_a_broken_object_among_good_ones_is_rejected(tools):
    good = '{"stars": 5, "headline": "Sharp", "comment": "A", "sku": "TL0001", "likes": 3}'
    reply = native(lines(good, good.replace('"A"', "@ saw"), good), tools)
    assert len(reply.candidates) == 2
    assert [r.code for r in reply.rejected] == ["parse.unreadable"]


def test_blocks_of_names_and_values_are_rows(tools):
    text = lines(
        "**Review 1**", "Stars: 5/5", '**Headline:** "Sharp"', "- Comment: Cuts oak well", "SKU: TL0001",
        "Likes: 3", "", "**Review 2**", "Stars: 2 stars", "Headline: Dull", "Comment: Broke,", "twice",
        "SKU: TL0002", "Likes: 0", "", "That is all.",
    )  # fmt: skip
    reply = native(text, tools)
    assert values(reply) == [VALUES, DULL_VALUES | {"comment": "Broke,\ntwice"}]
    assert set(reply.notes) == {"format.pairs", "format.trailing_text"}
    assert "format.unit" in reply.candidates[0].notes


def test_values_are_typed_by_their_column_and_stay_raw_where_they_have_no_such_value(profile_of):
    profile = profile_of("stars", "comment", "tool", "likes", "bought", "day", "day_again")
    text = lines(
        "stars,comment,tool,likes,bought,day,day_again",
        "4.7,A,saws,3.0,yes,2024-05-01,2024-05-01",
        "ten,B,Hammers,many,True,last May,2024-05-01",
        "3,C,Hand planes,n/a,False,2024-05-02,2024-05-02",
    )
    first, second, third = native(text, profile).candidates
    day = "2024-05-01"
    assert list(first.values.values()) == [4.7, "A", "Saws", 3, True, day, day]
    assert set(first.notes) == {"format.label_case", "format.number"}
    assert list(second.values.values()) == ["ten", "B", "Hammers", "many", True, "last May", day]
    assert third.values["likes"] is None
    assert third.notes == ("format.null_word",)


def test_empty_cells_have_no_value_but_are_cells(tools):
    reply = native(lines(HEADER, "5,,Cuts oak well,TL0001,3"), tools)
    assert values(reply) == [VALUES | {"headline": None}]
    assert reply.complete_rows == 1


def test_columns_of_text_alone_need_no_anchor(profile_of):
    profile = profile_of("headline", "comment")
    text = lines("Sure, here are more:", "", "headline,comment", "Sharp,Cuts oak", "Well,It cuts, I think",
                 "", "Let me know, please")  # fmt: skip
    reply = native(text, profile)
    assert values(reply) == [
        {"headline": "Sharp", "comment": "Cuts oak"},
        {"headline": "Well", "comment": "It cuts, I think"},
    ]
    assert set(reply.notes) == {"format.preamble", "format.trailing_text"}


def test_a_single_column_is_one_row_a_line(profile_of):
    text = lines("Here are three:", "1. Cuts oak, well.", '2. "Broke"', "3. Fine")
    reply = native(text, profile_of("comment"))
    assert [v["comment"] for v in values(reply)] == ["Cuts oak, well.", "Broke", "Fine"]


@pytest.mark.parametrize("text", ["", " \n ", "I am sorry, but I can't do that.", "```\n```", "<think>hm, 5"])
def test_a_reply_without_rows_has_none(text, tools):
    reply = native(text, tools)
    assert (reply.candidates, reply.rejected, reply.complete_rows) == ((), (), 0)
    assert "format.no_rows" in reply.notes


def test_csv_writers_and_the_reader_agree(tools):
    rows = [[5, 'The "edge"', 'a, "b"\n5,c,d', "TL0001", 3], [1, "back\\", 'end\\"', "TL0002", 4]]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([HEADER.split(","), *rows])
    assert [list(v.values()) for v in values(native(text.getvalue(), tools))] == rows


def test_a_header_with_many_other_names_is_a_header(tools):
    header = "stars,mood,colour,price,shop,town,comment,country"
    reply = native(lines(header, "5,glad,red,12,Smith,York,Cuts oak,England"), tools)
    assert values(reply) == [{"stars": 5, "comment": "Cuts oak"}]
    assert "format.no_header" not in reply.notes


def test_cells_are_kept_as_they_stood_with_the_number_of_their_row(tools):
    reply = native(
        lines(HEADER, "4 stars,Sharp,Cuts oak, or pine,TL0001,3.0", "and, so, on, and, on", DULL), tools
    )
    assert reply.cells == (
        {
            "stars": "4 stars",
            "headline": "Sharp",
            "comment": "Cuts oak, or pine",
            "sku": "TL0001",
            "likes": "3.0",
        },
        {"stars": "2", "headline": "Dull", "comment": "Broke, twice", "sku": "TL0002", "likes": "0"},
    )
    assert reply.numbers == (1, 3)
    assert len(reply.rejected) == 1


def test_the_names_of_a_header_are_given_with_their_columns(tools):
    reply = native(lines("**Stars**,Title,comment,sku,likes,mood", SHARP + ",glad"), tools)
    assert reply.header == (
        ("**Stars**", "stars"), ("Title", "headline"), ("comment", "comment"), ("sku", "sku"), ("likes", "likes"),
        ("mood", None),
    )  # fmt: skip
    assert native(SHARP, tools).header == ()


def test_an_object_that_is_closed_was_not_cut_off(tools):
    good = '{"stars": 5, "headline": "Sharp", "comment": "A", "sku": "TL0001", "likes": 3}'
    short = '{"stars": 5, "headline": "Sharp", "comment": "A"}'
    reply = native(lines(good, short), tools)
    assert len(reply.candidates) == 2
    assert [r.code for r in native(lines(good, short[:-1]), tools).rejected] == ["parse.cut_off"]
