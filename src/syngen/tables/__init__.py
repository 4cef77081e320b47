"""Tables in and out: files, data frames and models' replies become typed columns, with notes on what was repaired."""
