"""What each score means, in a sentence for people who did not study statistics: a name in, a term out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A score's name for people and what it means.

    Attributes:
        title: Its name in words.
        text: What it measures, in a sentence or two.
        percent: It is a share and is written as a percentage.
    """

    title: str
    text: str
    percent: bool = False


def term(name: str) -> Term:
    """What is known of a score; of an unknown one, its name in words."""
    return TERMS.get(name) or Term(
        name.replace("_", " ").strip().capitalize() or "Score",
        "Read it against the range of the same score between two sets of real rows.",
        percent=name.endswith(("_share", "_rate", "_accuracy")),
    )


_KS = "the largest gap between the two cumulative distributions; 0 is the same spread, 1 is no overlap."

TERMS: Mapping[str, Term] = {
    # ------------------------------------------------------------------------------ columns, pairs
    "total_variation": Term(
        "Total variation",
        "How much of the mix of values would have to change to match the real one; 0 is the same mix, "
        "1 is nothing in common.",
    ),
    "kolmogorov_smirnov": Term("Kolmogorov–Smirnov distance", f"Of a number or a time: {_KS}"),
    "missing_share": Term("Missing cells", "Share of rows in which the column is empty.", percent=True),
    "identifier_distinct_share": Term(
        "Distinct identifiers",
        "Distinct identifiers per row, as expected in two random fifths of the rows; low means that identifiers "
        "repeat.",
        percent=True,
    ),
    "contingency_similarity": Term(
        "Contingency similarity",
        "Whether two columns go together as in the real rows: 1 minus the total variation of their joint "
        "table; 1 is the same.",
    ),
    "correlation_similarity": Term(
        "Correlation similarity",
        "Whether two numbers rise and fall together as in the real rows: 1 minus half the difference of "
        "their rank correlations; 1 is the same.",
    ),
    # -------------------------------------------------------------------------------- form of text
    "words_ks": Term("Length in words, distance", f"Of words per text: {_KS}"),
    "sentences_ks": Term("Length in sentences, distance", f"Of sentences per text: {_KS}"),
    "grade_ks": Term("Reading grade, distance", f"Of the Flesch–Kincaid grade of each text: {_KS}"),
    "mtld_ks": Term("Vocabulary (MTLD), distance", f"Of the range of words used in each text: {_KS}"),
    "words_median": Term("Words, median", "Half of the texts have fewer words than this, half have more."),
    "grade_mean": Term(
        "Reading grade, mean",
        "Mean Flesch–Kincaid grade: the school years a reader needs. Unsteady in texts under 20 words.",
    ),
    "title_case_share": Term(
        "Title case",
        "Share of texts Written Like This, as product names and headlines are, rather than as sentences.",
        percent=True,
    ),
    "exclamation_share": Term("Exclamation marks", "Share of texts with an exclamation mark.", percent=True),
    "question_share": Term("Question marks", "Share of texts with a question mark.", percent=True),
    "emoji_share": Term("Emoji", "Share of texts with an emoji.", percent=True),
    "digit_share": Term("Digits", "Share of texts with a digit.", percent=True),
    "lower_case_share": Term(
        "Lower case only", "Share of texts of some length without a capital letter.", percent=True
    ),
    # ------------------------------------------------------------------------------------- meaning
    "precision": Term(
        "Precision",
        "Share of synthetic texts that lie among the real ones in meaning; low means texts unlike any "
        "real one.",
        percent=True,
    ),
    "recall": Term(
        "Recall",
        "Share of real texts that lie among the synthetic ones in meaning; low means kinds of text that "
        "never come.",
        percent=True,
    ),
    "density": Term(
        "Density",
        "How many real texts lie near a synthetic one, about 1 for real against real; more means that the "
        "texts are too typical.",
    ),
    "coverage": Term(
        "Coverage",
        "Share of real texts with a synthetic text in their neighbourhood of meaning.",
        percent=True,
    ),
    "energy_distance": Term(
        "Energy distance", "Distance between the two clouds of texts in meaning; 0 is the same cloud."
    ),
    "c2st_embedding": Term(
        "Detector by meaning (C2ST)",
        "How well a classifier tells synthetic from real texts by their meaning, as the area under its ROC "
        "curve: 0.5 is guessing, 1 always right.",
    ),
    "c2st_tfidf": Term(
        "Detector by wording (C2ST)",
        "How well a classifier tells synthetic from real texts by the words used, as the area under its ROC "
        "curve: 0.5 is guessing, 1 always right.",
    ),
    "mauve": Term("MAUVE", "Overlap of the two sets of texts in meaning, from 0 to 1; 1 is the same."),
    # --------------------------------------------------------------------------------------- drift
    "category_accuracy": Term(
        "Category recognised",
        "Share of texts whose stated category a classifier trained on real rows finds. Too high is also a "
        "fault: the texts are then stereotyped.",
        percent=True,
    ),
    "category_drift": Term(
        "Category drift",
        "Share of rows whose text left the category that the row states: errors of a classifier trained on "
        "real rows, beyond those it makes on real rows. A little below 0 is chance.",
        percent=True,
    ),
    "off_category_share": Term(
        "Hardly fits its category",
        "Share of rows whose category fits their text less than it fits 95 % of the real rows of that "
        "category; of real rows about 5 % are such.",
        percent=True,
    ),
    "off_topic_share": Term(
        "Off topic",
        "Share of texts further from the real texts than 95 % of real texts are from each other; about 5 % is "
        "chance.",
        percent=True,
    ),
    "label_fidelity": Term(
        "Text fits its label",
        "Share of rows whose text a classifier trained on real rows takes for the label they state, such as a "
        "rating; each label weighs the same. Real rows are noisy too, so compare with the real range.",
        percent=True,
    ),
    "tone_ks": Term(
        "Tone, distance",
        f"Of the label, such as a rating, that each text speaks of whatever is stated: {_KS}",
    ),
    "drift_slope_position": Term(
        "Drift within a call",
        "Change in the share of rows on the category from the first to the last row of a call.",
    ),
    "drift_slope_call": Term(
        "Drift from call to call",
        "Change in the share of rows on the category from the first call of the run to the last.",
    ),
    # ------------------------------------------------------------------------------------- utility
    "tstr_ratio": Term(
        "Train on synthetic, test on real",
        "Macro F1 of a word classifier trained on synthetic rows, over that of one trained on real rows, both "
        "tested on real rows; 1 is as good.",
    ),
    "tstr_ratio_embedding": Term(
        "Train on synthetic, test on real, by meaning",
        "Macro F1 of a classifier of embeddings trained on synthetic rows, over that of one trained on real "
        "rows, both tested on real rows; 1 is as good.",
    ),
    "augmentation_gain": Term(
        "Gain from adding",
        "Change in macro F1 when the synthetic rows are added to 100 real ones, tested on real rows.",
    ),
    # ----------------------------------------------------------------------------------- diversity
    "compression_ratio": Term(
        "Compression ratio",
        "How far the texts shrink when compressed together, at the same number of words; high means "
        "repetition.",
    ),
    "distinct_2": Term(
        "Distinct pairs of words",
        "Different pairs of neighbouring words as a share of all pairs, at the same number of words; low "
        "means repetition.",
    ),
    "self_bleu": Term(
        "Self-BLEU",
        "How well the other texts foretell each text, in runs of up to four words; high means repetition.",
    ),
    "vendi": Term(
        "Vendi score",
        "How many really different texts there are in meaning, as a share of that of equally many real rows; "
        "1 is as diverse.",
    ),
    "pairwise_similarity": Term(
        "Similarity of pairs",
        "Mean similarity in meaning of two texts of one side; higher than real means sameness.",
    ),
    "top_opening_share": Term(
        "Most common opening", "Share of texts that begin with the most common four words.", percent=True
    ),
    "near_duplicate_share": Term(
        "Near-duplicates", "Share of texts that say nearly word for word what another one says.", percent=True
    ),
    # ------------------------------------------------------------------------------------- privacy
    "copied_rows": Term(
        "Copied rows",
        "Share of texts that are those of a real row, whatever their case and punctuation.",
        percent=True,
    ),
    "longest_shared_span": Term(
        "Longest shared span",
        "Words in the longest run that a text has in common with a real text, the mean over rows.",
    ),
    "span8_share": Term(
        "Runs of 8 words shared",
        "Share of texts with 8 or more words in a row from a real text.",
        percent=True,
    ),
    "span12_share": Term(
        "Runs of 12 words shared",
        "Share of texts with 12 or more words in a row from a real text.",
        percent=True,
    ),
    "dcr_share": Term(
        "Closer to seen rows (DCR)",
        "Share of texts closer to real rows that the model may have seen than to as many others; about half "
        "is no sign of copying.",
        percent=True,
    ),
    "copied_shown": Term(
        "Copies of shown rows",
        "Share of texts with eight or more words in a row from an example that the model was shown in the "
        "same call.",
        percent=True,
    ),
    # --------------------------------------------------------------------------------------- knobs
    "length_within": Term(
        "Length as wanted",
        "Share of texts within a tenth (3 words when short) of the length wanted.",
        percent=True,
    ),
    "length_wanted_correlation": Term(
        "Length follows the plan",
        "Whether the longer texts are those that were wanted longer: rank correlation; 1 follows exactly.",
    ),
    "grade_wanted_correlation": Term(
        "Reading grade follows the plan",
        "Whether the harder texts are those that were wanted harder: rank correlation; 1 follows exactly.",
    ),
    "length_bias": Term(
        "Length against the plan",
        "How much longer (or, below 0, shorter) than wanted the texts are: the median over rows.",
        percent=True,
    ),
}
