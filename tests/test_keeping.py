"""Keeping edits in the configuration file: what was not edited stays as it was written, comment by comment."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.settings import SettingsError, Sources, load_settings
from nodescaler_tui.settings.keeping import keep_settings, keep_thresholds
from nodescaler_tui.settings.thresholds import read_thresholds

WRITTEN = """\
# our on-call file
[genesys]
region = "eu-west-1"   # Dublin

[thresholds]           # agreed on 3 March
cpu_critical = 0.90
max_nodes = 40

[thresholds."g-1"]
cpu_warning = 0.6      # a busy one
"""


def test_every_comment_and_the_order_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN)
    keep_thresholds(path, "", ThresholdMatrix(cpu_critical=0.85, max_nodes=40))
    assert path.read_text() == WRITTEN.replace("cpu_critical = 0.90", "cpu_critical = 0.85")


def test_a_group_gets_a_table_of_its_own_with_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN)
    keep_thresholds(path, "g-2", ThresholdMatrix(cpu_critical=0.9, max_nodes=12))
    document = tomllib.loads(path.read_text())
    assert document["thresholds"]["g-2"] == {"max_nodes": 12}
    assert path.read_text().startswith(WRITTEN.rstrip("\n"))


def test_a_file_that_does_not_exist_is_made_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    keep_thresholds(path, "", ThresholdMatrix(max_nodes=7))
    assert tomllib.loads(path.read_text()) == {"thresholds": {"max_nodes": 7}}
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[thresholds\n")
    with pytest.raises(SettingsError, match="nothing was written"):
        keep_thresholds(path, "", ThresholdMatrix())
    assert path.read_text() == "[thresholds\n"


FRACTIONS = st.floats(0.5, 1, width=32)
MATRICES = st.builds(
    lambda low, high, most, factor: ThresholdMatrix(
        cpu_warning=min(low, high), cpu_critical=max(low, high), max_nodes=most, sessions_per_node=factor
    ),
    FRACTIONS,
    FRACTIONS,
    st.integers(1, 200),
    st.decimals(Decimal("0.1"), Decimal(9), places=2),
)


@given(MATRICES, st.sampled_from(["", "g-1", "g 2", 'g"3']))
def test_what_is_kept_is_what_the_next_start_reads(
    tmp_path_factory: pytest.TempPathFactory, matrix: ThresholdMatrix, scope: str
) -> None:
    path = tmp_path_factory.mktemp("kept") / "config.toml"
    path.write_text(WRITTEN)
    try:
        keep_thresholds(path, scope, matrix)
    except SettingsError:
        assert path.read_text() == WRITTEN, "what the next start could not read is not written"
        assert scope == ""
        assert matrix.cpu_critical < 0.6, "only what contradicts the group of the file may be refused"
    else:
        section = tomllib.loads(path.read_text())["thresholds"]
        assert read_thresholds(section, path)[scope] == matrix


def keep(path: Path, **values: str | int) -> None:
    keep_settings(path, {name.replace("__", "."): value for name, value in values.items()}, Sources({}, path))


def test_a_setting_is_written_in_its_place_and_its_comment_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN)
    keep(path, genesys__region="eu-central-1", genesys__client_id="c-1", declared__current_nodes=7)
    text = path.read_text()
    assert 'region = "eu-central-1"   # Dublin\nclient_id = "c-1"' in text
    assert text.startswith("# our on-call file\n")
    assert text.endswith("[declared]\ncurrent_nodes = 7\n")
    assert tomllib.loads(text)["thresholds"] == tomllib.loads(WRITTEN)["thresholds"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        'genesys.region = "a"\n',
        'genesys = { region = "a" }\n',
        "[show]\nbell = false\n\n[genesys]\n",
        "# only a word",
    ],
)
def test_however_the_file_is_written_the_next_start_reads_what_was_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    keep(path, genesys__region="eu-west-2", genesys__client_id="c-1")
    settings = load_settings(Sources({}, path))
    assert (settings.genesys.region, settings.genesys.client_id) == ("eu-west-2", "c-1")


@given(st.text(max_size=40), st.integers(0, 10**9))
def test_any_text_that_is_kept_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, queue: str, nodes: int
) -> None:
    path = tmp_path_factory.mktemp("kept") / "new" / "config.toml"
    keep(path, declared__queue_id=queue, declared__current_nodes=nodes)
    declared = load_settings(Sources({}, path)).declared
    assert (declared.queue_id, declared.current_nodes) == (queue, nodes)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("", "declared.current_nodes", -1),
        ("", "genesys.client_secret", "s3cret"),
        ("", "receiver.token", "s3cret"),
        ("[observe]\npoll_evry_s = 3\n", "genesys.region", "eu-west-1"),
        ("genesys = 3\n", "genesys.region", "eu-west-1"),
        ("[genesys\n", "genesys.region", "eu-west-1"),
        ('[receiver]\nname = "a"\n[receivers.a]\nurl = "https://x.example"\n', "genesys.region", "eu-west-1"),
    ],
)
def test_what_the_next_start_could_not_read_is_not_written(tmp_path: Path, text: str, key: str, value: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as refusal:
        keep_settings(path, {key: value}, Sources({}, path))
    assert path.read_text() == text
    assert "s3cret" not in str(refusal.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["config.toml"]
