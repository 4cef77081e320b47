"""Settings are validated once, and what is wrong is said in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syngen.config import RunConfig, read_config
from syngen.errors import ConfigError
from syngen.types import Role


def test_a_number_of_rows_is_all_that_is_needed() -> None:
    config = RunConfig.of(n=12)
    assert (config.n, config.mode, config.strategy, config.rows_each) == (12, "planned", ("base",), 1)


@pytest.mark.parametrize(
    ("settings", "rows"), [({}, 1), ({"mode": "native"}, 10), ({"rows_per_call": 3, "mode": "native"}, 3)]
)
def test_rows_each_call_asks_for_depend_on_the_mode(settings: dict[str, Any], rows: int) -> None:
    assert RunConfig.of(n=1, **settings).rows_each == rows


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "The setting 'n' is missing. Give it a value."),
        ({"n": 0}, "'n' can't be 0: input should be greater than or equal to 1"),
        ({"n": -4}, "'n' can't be -4"),
        ({"n": 1_000_001}, "less than or equal to 1000000"),
        ({"n": "many"}, "'n' can't be 'many'"),
        ({"n": 2.5}, "'n' can't be 2.5"),
        ({"n": 1, "mode": "wild"}, "should be 'planned' or 'native'"),
        ({"n": 1, "rows_per_call": 0}, "'rows_per_call' can't be 0"),
        ({"n": 1, "concurrency": 5_000}, "'concurrency' can't be 5000"),
        ({"n": 1, "seed": -1}, "'seed' can't be -1"),
        ({"n": 1, "seed": 2**63}, "'seed' can't be"),
        ({"n": 1, "max_cost": float("nan")}, "'max_cost' can't be nan"),
        ({"n": 1, "min_yield": 1.5}, "'min_yield' can't be 1.5"),
        ({"n": 1, "roles": {"zip": 4}}, "'roles.zip' can't be 4"),
        ({"n": 1, "sead": 4}, "There is no setting 'sead'. Did you mean 'seed'?"),
        ({"n": 1, "wibble": 4}, "There is no setting 'wibble'. Settings: n, model, "),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        RunConfig.of(**settings)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_status == 2


def test_one_name_may_stand_without_brackets() -> None:
    config = RunConfig.of(n=1, text_columns="pros, and cons", strategy="base")
    assert (config.text_columns, config.strategy) == (("pros, and cons",), ("base",))


def test_settings_survive_being_written_down() -> None:
    config = RunConfig.of(n=3, roles={"zip": "category"}, max_cost=0.5, text_columns=["a"], category="")
    assert RunConfig.of(**config.model_dump(mode="json")) == config


def test_a_configuration_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("n: 40\nmode: native\nroles:\n  größe: category\n", "utf-8")
    assert read_config(path) == {"n": 40, "mode": "native", "roles": {"größe": "category"}}


def test_an_empty_configuration_file_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("# nothing yet\n")
    assert read_config(tmp_path / "run.yaml") == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read"),
        (b"n: [1", "can't be read"),
        (b"\xff\xfe\x00", "can't be read"),
        (b"- 1\n- 2\n", "holds no settings"),
        (b"just words", "holds no settings"),
        (b"n: 4\nsede: 1\n", "unknown setting 'sede'. Did you mean 'seed'?"),
        (b"4: 1\n", "unknown setting '4'"),
        (b"!!python/object/apply:os.system ['true']", "can't be read"),
    ],
)
def test_a_configuration_file_that_can_not_be_used_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "run.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"The configuration .*run\.yaml") as error:
        read_config(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_help_of_role_names_every_role() -> None:
    # It is written out, since naming them from the code would load polars for a help text.
    listed = (RunConfig.model_fields["roles"].description or "").partition("Roles: ")[2]
    assert listed.rstrip(".").split(", ") == list(Role)
