"""Everything about a single text: words and reading grade, language, n-grams, what it speaks of, embeddings."""
