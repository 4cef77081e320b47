"""MAUVE is an optional extra: never imported unless asked for, the package's own value when it is there."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from metrics.pools import all_of
from metrics.vectors import measure, points, topic_pool, value
from syngen.evaluation.metrics import METRICS, NotComputable
from syngen.evaluation.metrics.mauve import mauve


def test_it_is_no_default_score() -> None:
    assert METRICS["mauve"].measure is mauve
    assert METRICS["mauve"].extra == "mauve"
    code = "import sys, syngen.evaluation.metrics.mauve; assert 'mauve' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_package_the_extra_is_named() -> None:
    if find_spec("mauve"):
        pytest.skip("mauve-text is installed")
    pool = topic_pool(rows=60)
    found = measure("mauve", pool, all_of(pool))
    assert isinstance(found, NotComputable)
    assert "pip install 'syngen-text[mauve]'" in found


def test_it_is_the_value_of_the_package_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    package = pytest.importorskip("mauve")
    rng = np.random.default_rng(0)
    real, synthetic = (rng.normal(shift, 1, (100, 8)).astype(np.float32) for shift in (0, 0.5))
    pool = points(real, synthetic)
    capfd.readouterr()
    found = value("mauve", pool, all_of(pool))
    assert capfd.readouterr() == ("", "")
    assert found == package.compute_mauve(p_features=synthetic, q_features=real).mauve
    same = points(real, real)
    assert found < value("mauve", same, all_of(same)) == pytest.approx(1)
