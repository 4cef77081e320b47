"""Read and write tables: files, data frames, and the rows in a model's reply.

`sources` finds the file that a path names, also in an archive or a pipe, `sniff` what it is, `encoding` opens it as
text, and `dialect` finds its delimiter and the line of its header. `delimited`, `objects`, `frames`, `workbook` and
`database` each read one form: strictly for a reference (`files`), tolerantly for a table under test, with `header` to
match other names to the reference's columns. `replies` finds tables in free text and repairs their rows, with a note
for each repair. `dtypes` gives columns their types; `spelling` and `quoting` learn how a file writes its cells, and
`write` and `write_text` write new ones alike.

`max_rows` is the most rows that a reader keeps: of more it takes a seeded random sample. `notes` receives what
had to be done, one sentence each. Whatever is no table raises a ReferenceError.
"""
