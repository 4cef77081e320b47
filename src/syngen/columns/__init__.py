"""One codec per column role: parse, validate, sample and format its values."""
