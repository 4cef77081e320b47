"""A reply in another language than CSV gives the same rows: JSON and Python of any shape, SQL, XML, responses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syngen.tables.replies import native

NAMES = ["stars", "headline", "comment", "sku", "likes"]
ROWS = [
    dict(zip(NAMES, cells, strict=True))
    for cells in (
        (5, "Sharp", 'It\'s a "fine" saw (really), cuts [oak] & pine', "TL0001", 3),
        (2, "Dull, bent", "Broke: twice; <1 day!", "TL0002", 0),
        (4, "So so", "A bit loud, but {mine} works.", "TL0003", 11),
    )
]
CELLS = [list(row.values()) for row in ROWS]
JSON = json.dumps(ROWS)
CSV = "\n".join(
    [",".join(NAMES), *(",".join(json.dumps(c).replace('\\"', '""') for c in row) for row in CELLS)]
)


def values(text: str, profile) -> list[dict]:
    return [dict(candidate.values) for candidate in native(text, profile).candidates]


def sql(value) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def xml(value) -> str:
    return str(value).replace("&", "&amp;").replace("<", "&lt;")


def assignments(template: str) -> str:
    return "\n".join(template.format(name, [row[name] for row in ROWS]) for name in NAMES)


COLUMNS = {name: [row[name] for row in ROWS] for name in NAMES}
CALLS = ", ".join("Review(" + ", ".join(f"{k}={v!r}" for k, v in row.items()) + ")" for row in ROWS)
TUPLES = ",\n".join("(" + ", ".join(map(sql, cells)) + ")" for cells in CELLS)
INSERTS = "\n".join(
    f"INSERT INTO t (stars, headline, comment, sku, likes) VALUES ({', '.join(map(sql, c))});" for c in CELLS
)
PYTHON, CODE, ARRAYS, BY_COLUMN = "format.python", "format.code", "format.arrays", "format.by_column"
FORMS = {
    "a list of dicts": (repr(ROWS), {PYTHON}),
    "dicts, one a line": ("\n".join(map(repr, ROWS)), {PYTHON}),
    "tuples": (repr([tuple(cells) for cells in CELLS]), {PYTHON, ARRAYS, "format.no_header"}),
    "a program": (f"import pandas as pd\ndata = {ROWS!r}\ndf = pd.DataFrame(data)\nprint(df)", {PYTHON, CODE}),
    "a frame": (f"df = pd.DataFrame({CELLS!r}, columns={NAMES!r})", {PYTHON, CODE, ARRAYS}),
    "columns last": (f"data = {CELLS!r}\ndf = pd.DataFrame(data, columns={NAMES!r})", {PYTHON, CODE, ARRAYS}),
    "append": ("rows = []\n" + "\n".join(f"rows.append({row!r})" for row in ROWS), {PYTHON, CODE}),
    "a dict of lists": (f"data = {COLUMNS!r}", {PYTHON, CODE, BY_COLUMN}),
    "a list by name": (assignments("{} = {!r}"), {PYTHON, CODE, BY_COLUMN}),
    "a column by name": (assignments("df['{}'] = {!r}"), {PYTHON, CODE, BY_COLUMN}),
    "calls by keyword": (f"rows = [{CALLS}]", {PYTHON, CODE}),
    "a text in a program": (f'df = pd.read_csv(StringIO("""\n{CSV}\n"""))', {"format.preamble", "format.trailing_text"}),
    "arrays": (json.dumps(CELLS), {ARRAYS, "format.no_header"}),
    "arrays with names": (json.dumps([NAMES, *CELLS]), {ARRAYS}),
    "arrays, one a line": (",\n".join(map(json.dumps, CELLS)), {ARRAYS, "format.no_header"}),
    "columns and data": (json.dumps({"columns": NAMES, "index": [0, 1, 2], "data": CELLS}), {ARRAYS}),
    "lists by column": (json.dumps(COLUMNS), {BY_COLUMN}),
    "objects by column": (json.dumps({n: dict(enumerate(cells)) for n, cells in COLUMNS.items()}), {BY_COLUMN}),
    "rows by key": (json.dumps({f"row {i}": row for i, row in enumerate(ROWS)}), set()),
    "twice": (json.dumps(JSON), {"format.double_encoded"}),
    "twice within": (json.dumps({"rows": JSON}), {"format.double_encoded"}),
    "each twice": (json.dumps([json.dumps(row) for row in ROWS]), {"format.double_encoded"}),
    "CSV in a string": (json.dumps(CSV), {"format.double_encoded"}),
    "quotes not escaped": (JSON.replace('\\"', '"'), {"format.loose_json"}),
    "commas too many": ("[" + ", ".join(json.dumps(row)[:-1] + ",}" for row in ROWS) + ",]", {"format.loose_json"}),
    "commas missing": ("[" + "\n".join(map(json.dumps, ROWS)) + "]", {"format.loose_json"}),
    "comments": ("[" + ", // next\n".join(map(json.dumps, ROWS)) + "]", {"format.loose_json"}),
    "names bare": (
        "const rows = [" + ",".join("{" + ", ".join(f"{k}: {json.dumps(v)}" for k, v in r.items()) + "}" for r in ROWS) + "];",
        {"format.loose_json", CODE},
    ),
    "SQL": (f"INSERT INTO tools (stars, headline, comment, sku, likes) VALUES\n{TUPLES};", {"format.sql", CODE, ARRAYS}),
    "SQL, one a row": ("CREATE TABLE t (stars INT, sku CHAR(6));\n" + INSERTS, {"format.sql", CODE, ARRAYS}),
    "XML": (
        "<tools>" + "".join("<tool>" + "".join(f"<{k}>{xml(v)}</{k}>" for k, v in r.items()) + "</tool>" for r in ROWS),
        {"format.xml"},
    ),
    "XML, cells not escaped": (
        "<tools>" + "".join("<tool>" + "".join(f"<{k}>{v}</{k}>" for k, v in r.items()) + "</tool>" for r in ROWS) + "</tools>",
        {"format.xml"},
    ),
    "attributes": (
        "\n".join("<tool " + " ".join(f'{k}="{xml(v).replace(chr(34), "&quot;")}"' for k, v in r.items()) + "/>" for r in ROWS),
        {"format.xml"},
    ),
    "HTML": (
        "<table><tr>" + "".join(f"<th>{n}</th>" for n in NAMES) + "</tr>"
        + "".join("<tr>" + "".join(f"<td>{xml(v)}</td>" for v in cells) + "</tr>" for cells in CELLS) + "</table>",
        {"format.html_table"},
    ),
    "HTML never closed": (
        "<table>" + "".join("<tr>" + "".join(f"<td>{xml(v)}\n" for v in cells) for cells in CELLS) + "</table>",
        {"format.html_table", "format.no_header"},
    ),
    "YAML": (
        "\n".join("- " + "\n  ".join(f"{k}: {json.dumps(v)}" for k, v in row.items()) for row in ROWS),
        {"format.pairs"},
    ),
    "YAML in blocks": (
        "\n".join("- " + "\n  ".join(f"{k}: " + (f"|\n    {v}" if isinstance(v, str) else str(v)) for k, v in row.items()) for row in ROWS),
        {"format.pairs"},
    ),
    "YAML in single quotes": (
        "\n".join("- " + "\n  ".join(f"{k}: {sql(v)}" for k, v in row.items()) for row in ROWS),
        {"format.pairs"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_rows_are_the_same_in_every_form(form, tools):
    text, notes = FORMS[form]
    reply = native(text, tools)
    assert [dict(candidate.values) for candidate in reply.candidates] == ROWS
    assert (reply.complete_rows, reply.rejected) == (3, ())
    assert set(reply.notes) == notes


@pytest.mark.parametrize(("opening", "closing"), ["“”", "„“", "«»", '"”'])
def test_typographic_quotes_are_quotes(opening, closing, tools):
    quoted = [
        ", ".join(
            f"{opening}{k}{closing}: {v if isinstance(v, int) else opening + v + closing}"
            for k, v in row.items()
        )
        for row in ({**row, "comment": "It's fine"} for row in ROWS)
    ]
    text = "[" + ", ".join(f"{{{row}}}" for row in quoted) + "]"
    assert values(text, tools) == [{**row, "comment": "It's fine"} for row in ROWS]


RESPONSES = {
    "OpenAI": lambda text: {"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": text}}]},
    "OpenAI responses": lambda text: {"output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}]},
    "a tool call": lambda text: {"choices": [{"message": {"tool_calls": [{"function": {"name": "f", "arguments": text}}]}}]},
    "Ollama": lambda text: {"model": "m", "message": {"role": "assistant", "content": text}, "done": True},
    "Ollama generate": lambda text: {"model": "m", "response": text, "done": True, "context": [1, 2]},
    "Cohere": lambda text: {"finish_reason": "COMPLETE", "message": {"content": [{"type": "text", "text": text}]}},
    "Anthropic": lambda text: {"role": "assistant", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn"},
    "Gemini": lambda text: {"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}}]},
    "Hugging Face": lambda text: [{"generated_text": text}],
    "messages": lambda text: [{"role": "user", "content": "5,Not,a row,TL0009,1"}, {"role": "assistant", "content": text}],
}  # fmt: skip


@pytest.mark.parametrize("server", RESPONSES)
@pytest.mark.parametrize("answer", [JSON, CSV, f"Sure:\n```python\nrows = {ROWS!r}\n```"])
@pytest.mark.parametrize("written", [json.dumps, repr])
def test_the_answer_is_taken_out_of_a_response(server, answer, written, tools):
    reply = native(written(RESPONSES[server](answer)), tools)
    assert [dict(candidate.values) for candidate in reply.candidates] == ROWS
    assert reply.notes[0] == "format.completion"


def test_a_stream_of_pieces_is_put_together(tools):
    pieces = [CSV[i : i + 9] for i in range(0, len(CSV), 9)]
    ollama = "\n".join(json.dumps({"model": "m", "response": piece, "done": False}) for piece in pieces)
    openai = "\n\n".join(
        "data: " + json.dumps({"choices": [{"delta": {"content": piece}}]}) for piece in pieces
    )
    assert values(ollama, tools) == values(openai + "\n\ndata: [DONE]", tools) == ROWS


def test_a_row_with_the_names_of_a_response_is_a_row(profile_of):
    text = json.dumps(
        [{"comment": "Cuts oak", "headline": "Sharp", "model": "m", "message": {"content": "no"}}]
    )
    assert values(text, profile_of("comment", "headline")) == [{"comment": "Cuts oak", "headline": "Sharp"}]


@pytest.mark.parametrize(
    ("cell", "stars"),
    [
        ("★★★★☆", 4),
        ("⭐⭐⭐", 3),
        ("⭐️⭐️", 2),
        ("★☆☆☆☆ (1/5)", 1),
        ("4 out of 5", 4),
        ("5 von 5 Sternen", 5),
        ("4 ★", 4),
    ],
)
@pytest.mark.parametrize("number", [True, False])
def test_stars_are_numbers_in_a_table_with_numbered_rows(cell, stars, number, tools):
    rows = [f"| {cell} | Hammer-ish | Cuts oak, well | TL000{i} | 3 |" for i in range(3)]
    header = "| stars | headline | comment | sku | likes |"
    lines = [f"| # {header}", "|---" * 6 + "|", *(f"| {i} {row}" for i, row in enumerate(rows, 1))]
    reply = native("\n".join(lines if number else [header, *rows]), tools)
    assert [c.values["stars"] for c in reply.candidates] == [stars] * 3
    assert {c.values["comment"] for c in reply.candidates} == {"Cuts oak, well"}


@pytest.mark.parametrize("form", [f for f in FORMS if f not in ("a text in a program", "YAML in blocks")])
def test_a_last_row_that_is_cut_off_is_said_to_be(form, tools):
    text, notes = FORMS[form]
    if BY_COLUMN in notes:
        return  # every row lacks what comes last
    start = text.rindex("A bit loud")
    for end in range(start + 1, start + 20, 3):
        reply = native(text[:end], tools)
        assert [dict(candidate.values) for candidate in reply.candidates] == ROWS[:2]
        assert [reject.reason for reject in reply.rejected] == ["cut_off"]


def test_no_code_is_run(tools, tmp_path):
    target = tmp_path / "made"
    code = f"__import__('pathlib').Path({str(target)!r}).touch()"
    row = f"{{'stars': 5, 'headline': eval({code!r}), 'comment': 'Fine', 'sku': 'TL0001', 'likes': 1}}"
    assert values(row, tools)[0]["comment"] == "Fine"
    assert not target.exists()


WORDS = (
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
TABLE = st.lists(
    st.tuples(
        st.integers(1, 5), WORDS, WORDS, st.integers(0, 9999).map("TL{:04d}".format), st.integers(0, 40)
    ),
    min_size=1,
    max_size=5,
)


@settings(deadline=None)
@given(rows=TABLE)
def test_python_comes_back_exactly(tools, rows):
    text = repr([dict(zip(NAMES, row, strict=True)) for row in rows])
    assert [tuple(row.values()) for row in values(text, tools)] == rows
    by_column = repr({name: list(cells) for name, cells in zip(NAMES, zip(*rows, strict=True), strict=True)})
    assert [tuple(row.values()) for row in values(by_column, tools)] == rows


@settings(deadline=None)
@given(rows=TABLE)
def test_sql_comes_back_exactly(tools, rows):
    rows = [tuple(c.replace("\\", "/") if isinstance(c, str) else c for c in row) for row in rows]
    text = ",\n".join("(" + ", ".join(map(sql, row)) + ")" for row in rows)
    found = values(f"INSERT INTO t ({', '.join(NAMES)}) VALUES\n{text};", tools)
    assert [tuple(row.values()) for row in found] == rows


@pytest.mark.parametrize(
    "piece",
    ["[", '{"', "[{", '[{"a":', "['", "[“", "('", "<a ", '<a b="', "<!--", "<![CDATA[", "[/*", '("""', "<a>", "{stars: '",
     "stars = [", "(1, 'a', ", '["\\', "a.b(", "INSERT INTO r VALUES ('a", '{"choices":[{"message":{"content":"'],
)  # fmt: skip
def test_a_hostile_reply_is_read_in_time(piece, tools):
    """Work in proportion to its length: were it to the square, the test would not end within its time limit."""
    reply = native((piece * 300_000)[:300_000], tools)
    assert not any(candidate.values.get("comment") == "Fine" for candidate in reply.candidates)
    assert reply.complete_rows == 0
