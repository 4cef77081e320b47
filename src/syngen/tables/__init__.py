"""Read and write tables: files, data frames, and the rows in a model's reply.

`sniff` finds out what a file is, `encoding` opens it as text. `delimited`, `objects` and `frames` each read one
form, row by row or column by column: strictly for a reference (`files`), tolerantly for a table under test, with
`header` to match other names to the reference's columns. `replies` finds tables in free text and repairs their
rows, with a note for each repair. `dtypes` gives columns their types; `write` writes them back.

`max_rows` is the most rows that a reader keeps: of more it takes a seeded random sample. `notes` receives what
had to be done, one sentence each. Whatever is no table raises a ReferenceError.
"""
