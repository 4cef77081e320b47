"""One peer's quality report on two tables, as one JSON object on stdout; run by the peers' own Python.

    python peer.py {sdmetrics|mostlyai-qa|mauve-text} REAL.csv SYNTHETIC.csv ENCODER

Each is called as its documentation has it, with its defaults. mauve-text takes embeddings: it gets the
very ones SynGen uses. Scores are turned so that more is better, only to be compared with themselves.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

warnings.filterwarnings("ignore")
KINDS = {"text": "text", "title": "text", "product_id": "id", "age": "numerical", "helpful_vote": "numerical"}


def sdmetrics(real: pd.DataFrame, synthetic: pd.DataFrame, _: str) -> dict[str, float]:
    from sdmetrics.reports.single_table import QualityReport

    columns = {name: {"sdtype": KINDS.get(name, "categorical")} for name in real.columns}
    report = QualityReport()
    report.generate(real, synthetic, {"columns": columns}, verbose=False)
    scores = {"overall": report.get_score()}
    for name in ("Column Shapes", "Column Pair Trends"):
        details = report.get_details(name)
        keys = [c for c in ("Column", "Column 1", "Column 2") if c in details.columns]
        for _, row in details.dropna(subset=["Score"]).iterrows():
            scores[f"{name}: {' × '.join(str(row[k]) for k in keys)}"] = float(row["Score"])
    return scores


def mostlyai_qa(real: pd.DataFrame, synthetic: pd.DataFrame, _: str) -> dict[str, float]:
    from mostlyai import qa

    held_out = real.iloc[::5].reset_index(drop=True)
    train = real.drop(real.index[::5]).reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder:
        _, metrics = qa.report(
            syn_tgt_data=synthetic,
            trn_tgt_data=train,
            hol_tgt_data=held_out,
            report_path=Path(folder) / "report.html",
        )
    a, s, d = metrics.accuracy, metrics.similarity, metrics.distances
    return {
        "accuracy overall": a.overall,
        "accuracy univariate": a.univariate,
        "accuracy bivariate": a.bivariate,
        "cosine similarity": s.cosine_similarity_training_synthetic,
        "discriminator (1 - AUC)": 1 - s.discriminator_auc_training_synthetic,
        "no identical matches": 1 - d.ims_training,
        "DCR training": d.dcr_training,
        "DCR share (1 - share)": 1 - d.dcr_share,
    }


def mauve_text(real: pd.DataFrame, synthetic: pd.DataFrame, encoder: str) -> dict[str, float]:
    import mauve
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(encoder)
    texts = [frame["text"].astype(str).tolist() for frame in (real, synthetic)]
    found = mauve.compute_mauve(
        p_features=model.encode(texts[0]), q_features=model.encode(texts[1]), verbose=False
    )
    return {"mauve": float(found.mauve)}


PEERS: dict[str, Any] = {"sdmetrics": sdmetrics, "mostlyai-qa": mostlyai_qa, "mauve-text": mauve_text}


def main() -> None:
    peer, real, synthetic, encoder = sys.argv[1:5]
    tables = [pd.read_csv(path) for path in (real, synthetic)]
    talk = os.dup(1)  # what they print on the way is not the result
    os.dup2(2, 1)
    start = time.perf_counter()
    scores = PEERS[peer](tables[0], tables[1], encoder)
    seconds = time.perf_counter() - start
    os.dup2(talk, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    known = {name: value for name, value in scores.items() if value is not None}
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "scores": known}), flush=True)


if __name__ == "__main__":
    main()
