"""One spelling for one place, a sentence for what is none."""

from typing import Any

import pytest

from notifications.errors import Refused
from notifications.states import ChannelName
from notifications.targets import cleaned, cleaned_secret, digests_of, shown

WECOM_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.mark.parametrize(
    ("channel", "written", "stored"),
    [
        (ChannelName.EMAIL, " Li.Ming@Example.ORG ", "Li.Ming@example.org"),
        (ChannelName.SMS, "13800001234", "+8613800001234"),
        (ChannelName.SMS, "+86 138-0000-1234", "+8613800001234"),
        (ChannelName.SMS, "0086 138 0000 1234", "+8613800001234"),
        (ChannelName.SMS, "8613800001234", "+8613800001234"),
        (ChannelName.WEBHOOK, "https://county.example/hook?x=1", "https://county.example/hook?x=1"),
        (ChannelName.WECOM, f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}", WECOM_KEY),
        (ChannelName.WECOM, WECOM_KEY, WECOM_KEY),
        (ChannelName.DINGTALK, f"https://oapi.dingtalk.com/robot/send?access_token={'a1' * 32}", "a1" * 32),
        (ChannelName.FEISHU, f"https://open.feishu.cn/open-apis/bot/v2/hook/{WECOM_KEY}", WECOM_KEY),
    ],
)
def test_an_address_is_stored_in_one_spelling(channel: ChannelName, written: str, stored: str) -> None:
    assert cleaned(channel, written) == stored


@pytest.mark.parametrize(
    ("channel", "written"),
    [
        (ChannelName.EMAIL, "li.ming"),
        (ChannelName.EMAIL, "li@example.org\nBcc: all@example.org"),
        (ChannelName.SMS, "0593-5522222"),
        (ChannelName.SMS, "12345"),
        (ChannelName.SMS, "+1 650 253 0000"),
        (ChannelName.WEBHOOK, "http://county.example/hook"),
        (ChannelName.WEBHOOK, "https://169.254.169.254/latest"),
        (ChannelName.WEBHOOK, "https://county.example/" + "x" * 500),
        (ChannelName.WECOM, f"https://elsewhere.example/send?key={WECOM_KEY}"),
        (ChannelName.WECOM, f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}"),
        (ChannelName.DINGTALK, "https://oapi.dingtalk.com/robot/send"),
        (ChannelName.FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/"),
        *[(channel, written) for channel in ChannelName for written in ("", "  ", "\x00", "x\x00y")],
    ],
)
def test_what_is_no_address_gets_a_sentence(channel: ChannelName, written: str) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(channel, written)
    assert list(refused.value.errors) == ["target"]
    assert written.strip() == "" or written not in str(refused.value.errors["target"])


def test_only_robots_that_sign_have_a_secret_from_outside() -> None:
    assert cleaned_secret(ChannelName.DINGTALK, f"SEC{'0' * 64}") == f"SEC{'0' * 64}"
    assert cleaned_secret(ChannelName.FEISHU, " Kx0hTbWfZ4pQm7cRs2yLuA ") == "Kx0hTbWfZ4pQm7cRs2yLuA"
    assert cleaned_secret(ChannelName.EMAIL, " ") == ""
    for channel, written in (
        (ChannelName.WEBHOOK, "whsec_mine"),
        (ChannelName.WECOM, f"SEC{'0' * 64}"),
        (ChannelName.DINGTALK, "SEC x"),
        (ChannelName.FEISHU, "short"),
    ):
        with pytest.raises(Refused):
            cleaned_secret(channel, written)


def test_a_digest_tells_nothing_without_the_key(settings: Any) -> None:
    before = digests_of(ChannelName.SMS, "+8613800001234")
    settings.CODE_KEYS = ["another key of this installation, longer than needed", *settings.CODE_KEYS]
    after = digests_of(ChannelName.SMS, "+8613800001234")
    assert after[1:] == before, "a rotation under way knows both"
    assert digests_of(ChannelName.EMAIL, "+8613800001234")[0] != after[0]


def test_the_key_of_a_robot_is_not_shown_whole() -> None:
    assert shown(ChannelName.WECOM, WECOM_KEY) == "…fa5aaa"
    assert shown(ChannelName.EMAIL, "li@example.org") == "li@example.org"
