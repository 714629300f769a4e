"""Whatever is wrong in the environment stops the start with one sentence that never quotes a secret."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import (
    Secrets,
    data_folder,
    database_settings,
    flag,
    media_folder,
    networks,
    number,
    read_mode,
    read_secrets,
    required_in_production,
    token,
    words,
)

FERNET = base64.urlsafe_b64encode(bytes(range(32))).decode()
GOOD = {
    "SECRET_KEY": "q8Zt,3vN_x1Lr7Wc0Ym5Kd9Hs2Pf6Bj4Gu8Ea1Ti3Oq7Vz5Xn9Rl",
    "FIELD_KEYS": FERNET,
    "CODE_KEYS": "b7Wm2Xc9Lk4Vd8Rt1Zq6Np3Hs5Jf0Gy2Ua,e4Ti8Oz1Cx7Bv3Nm9Ks5Ld2Pf6Gh0JqR",
}


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        ({}, "demo"),
        ({"DATABASE_URL": "postgresql:///x"}, "production"),
        ({"DATABASE_URL": "postgresql:///x", "WHISTLE_MODE": "demo"}, "demo"),
        ({"WHISTLE_MODE": "production"}, "production"),
        ({"WHISTLE_MODE": "test"}, "test"),
    ],
)
def test_a_named_database_means_production_unless_the_mode_is_said(environ: dict[str, str], mode: str) -> None:
    assert read_mode(environ) == mode


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="WHISTLE_MODE is 'prod'"):
        read_mode({"WHISTLE_MODE": "prod"})


def test_good_secrets_are_taken_in_production(tmp_path: Path) -> None:
    secrets = read_secrets(GOOD, mode="production", base_dir=tmp_path)
    assert secrets == Secrets(GOOD["SECRET_KEY"], [FERNET], GOOD["CODE_KEYS"].split(","))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "CODE_KEYS"])
def test_a_missing_secret_is_refused_in_production(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be set"):
        read_secrets({**GOOD, name: ""}, mode="production", base_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SECRET_KEY", GOOD["SECRET_KEY"][:49], "too short"),
        ("SECRET_KEY", "change-me-" + GOOD["SECRET_KEY"], "placeholder"),
        ("SECRET_KEY", "django-insecure-" + GOOD["SECRET_KEY"], "placeholder"),
        ("SECRET_KEY", "abc" * 30, "too easy to guess"),
        ("FIELD_KEYS", "not-a-key", "too short"),
        ("FIELD_KEYS", "!" + FERNET[1:], "no Fernet key"),
        ("FIELD_KEYS", FERNET + "," + "Qz7-" * 11 + "pLmNoKjIhB", "no Fernet key"),
        ("FIELD_KEYS", "A" * 43 + "=", "too easy to guess"),
        ("CODE_KEYS", "b7Wm2Xc9Lk4Vd8Rt1Zq6Np3Hs5Jf0Gy", "too short"),
        ("CODE_KEYS", GOOD["CODE_KEYS"] + ",short", "too short"),
    ],
)
def test_a_weak_secret_is_refused_and_not_quoted(name: str, value: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=problem) as refused:
        read_secrets({**GOOD, name: value}, mode="production", base_dir=tmp_path)
    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert value not in sentence


def test_every_value_of_the_example_is_refused_as_it_stands(tmp_path: Path) -> None:
    lines = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    for name in GOOD:
        with pytest.raises(ImproperlyConfigured, match=name):
            read_secrets({**GOOD, name: example[name]}, mode="production", base_dir=tmp_path)


def test_demo_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    first = read_secrets({}, mode="demo", base_dir=tmp_path)
    file = tmp_path / ".data" / "demo" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_secrets({}, mode="demo", base_dir=tmp_path) == first
    read_secrets(
        {
            "SECRET_KEY": first.secret_key,
            "FIELD_KEYS": ",".join(first.field_keys),
            "CODE_KEYS": ",".join(first.code_keys),
        },
        mode="production",
        base_dir=tmp_path,
    )
    assert sorted(path.name for path in file.parent.iterdir()) == ["secrets.json"]


def test_processes_that_start_together_use_the_same_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: read_secrets({}, mode="demo", base_dir=tmp_path), range(16)))
    assert all(secrets == made[0] for secrets in made)


def test_a_given_secret_wins_over_the_kept_one_in_demo(tmp_path: Path) -> None:
    secrets = read_secrets({"SECRET_KEY": GOOD["SECRET_KEY"]}, mode="demo", base_dir=tmp_path)
    kept = json.loads((tmp_path / ".data" / "demo" / "secrets.json").read_text(encoding="utf-8"))
    assert secrets.secret_key == GOOD["SECRET_KEY"]
    assert secrets.field_keys == kept["field_keys"]


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="WHISTLE_DATA"):
        read_secrets({"WHISTLE_DATA": str(tmp_path / "file")}, mode="demo", base_dir=tmp_path)


def test_the_data_folder_is_named_by_the_environment_and_the_mode(tmp_path: Path) -> None:
    assert data_folder({}, mode="demo", base_dir=tmp_path) == tmp_path / ".data" / "demo"
    assert data_folder({"WHISTLE_DATA": "/srv/w"}, mode="test", base_dir=tmp_path) == Path("/srv/w/test")


def test_a_database_url_with_escapes_and_a_port() -> None:
    settings = database_settings(
        {"DATABASE_URL": "postgresql://us%40er:p%2Fw@db.local:6432/whi%20stle"}, mode="production"
    )
    assert [settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "whi stle",
        "us@er",
        "p/w",
        "db.local",
        "6432",
    ]
    assert settings["CONN_MAX_AGE"] is None
    assert settings["CONN_HEALTH_CHECKS"] is True


def test_a_database_url_on_a_socket_keeps_its_own_options_last() -> None:
    url = "postgresql://whistle@/whistle?host=%2Frun%2Fpg&sslmode=disable&options=-c%20statement_timeout%3D5s"
    settings = database_settings({"DATABASE_URL": url, "STATEMENT_TIMEOUT": "0"}, mode="demo")
    assert settings["HOST"] == "/run/pg"
    assert settings["OPTIONS"]["sslmode"] == "disable"
    assert settings["OPTIONS"]["options"] == ("-c lock_timeout=3s -c statement_timeout=0s -c statement_timeout=5s")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "DATABASE_URL must be set"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL cannot be read"),
        ({"DATABASE_URL": "postgresql://user@host/"}, "names no database"),
    ],
)
def test_a_bad_database_url_is_refused(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        database_settings(environ, mode="production")


def test_without_a_database_the_settings_can_still_be_read_in_demo() -> None:
    assert database_settings({}, mode="demo")["NAME"] == ""


def test_required_values_have_a_stand_in_outside_production_only() -> None:
    assert required_in_production({}, "REDIS_URL", "demo", otherwise="here") == "here"
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL must be set"):
        required_in_production({"REDIS_URL": " "}, "REDIS_URL", "production", otherwise="here")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", True)])
def test_flags(text: str, value: bool) -> None:
    assert flag({"X": text}, "X", default=True) is value


def test_a_flag_that_is_neither_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="X is 'maybe'"):
        flag({"X": "maybe"}, "X", default=True)


def test_numbers_and_lists() -> None:
    assert number({"X": "7"}, "X", 1) == 7
    assert number({}, "X", 3) == 3
    assert words({"X": " a, b ,,c "}, "X") == ["a", "b", "c"]
    assert words({}, "X", otherwise="*") == ["*"]


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_number_that_is_none_or_too_small_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="X is"):
        number({"X": text}, "X", 1)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({}, "/srv/whistle/.data/production/media"),
        ({"WHISTLE_DATA": "/data"}, "/data/production/media"),
        ({"WHISTLE_DATA": "/data", "MEDIA_ROOT": "/srv/media"}, "/srv/media"),
    ],
)
def test_attachments_lie_in_the_data_folder_unless_said_otherwise(environ: dict[str, str], folder: str) -> None:
    assert media_folder(environ, mode="production", base_dir=Path("/srv/whistle")) == Path(folder)


def test_networks_and_single_addresses() -> None:
    assert [str(network) for network in networks({"X": "10.0.0.0/8, 127.0.0.1,fd00::/8"}, "X")] == [
        "10.0.0.0/8",
        "127.0.0.1/32",
        "fd00::/8",
    ]
    assert networks({}, "X") == []


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everybody", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="which is no network"):
        networks({"X": text}, "X")


def test_a_token_is_long_or_absent_and_never_quoted() -> None:
    assert token({}, "X") == token({"X": "  "}, "X") == ""
    assert token({"X": " k7Lm2Xc9Vd8Rt1Zq6Np3 "}, "X") == "k7Lm2Xc9Vd8Rt1Zq6Np3"
    for weak in ("short", "change-me-at-least-20-characters"):
        with pytest.raises(ImproperlyConfigured, match="too easy to guess") as refused:
            token({"X": weak}, "X")
        assert weak not in str(refused.value)


def test_a_database_that_vanishes_is_noticed() -> None:
    options = database_settings({"DATABASE_URL": "postgresql://h/d"}, mode="demo")["OPTIONS"]
    assert (options["tcp_user_timeout"], options["keepalives_idle"]) == ("30000", "30")
    given = database_settings({"DATABASE_URL": "postgresql://h/d?keepalives_idle=5"}, mode="demo")["OPTIONS"]
    assert given["keepalives_idle"] == "5"
