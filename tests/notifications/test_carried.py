"""What leaves the house: words made of declared facts, and nothing that a petitioner or an officer ever wrote."""

from datetime import timedelta

import pytest

from cases.terms import Disclosure, Status
from notifications.claiming import Taken, claim
from notifications.kinds import kind_of
from notifications.models import Message
from notifications.routing import route
from notifications.states import Bundle, ChannelName
from notifications.wordings import book
from tests.builders import NAMED, County
from tests.notifications.people import add_address, open_channel
from tests.stories import Story, matter, story_in

pytestmark = pytest.mark.django_db


def everything_told(county: County) -> Story:
    """A case of a named petitioner on its whole way, late at every clock, and everybody reachable everywhere."""
    for channel in ChannelName:
        open_channel(channel)
        for user in county.users.values():
            add_address(user, channel)
    story = story_in(county, Status.HANDLING)
    story.wait(days=60)
    story.sweep()
    return story


def taken_everywhere(story: Story) -> list[Taken]:
    """What every channel is given, bundles included: far later, so that nothing waits for a morning or a digest."""
    later = story.now + timedelta(days=2)
    route(now=story.now, size=10_000)
    return [
        one
        for channel in ChannelName
        for _ in range(20)  # of one address and case only the earliest goes at a time
        for one in claim(channel, now=later, size=1000, lease=timedelta(hours=1))
    ]


def test_no_channel_is_given_anything_of_the_matter_or_the_petitioner(county: County) -> None:
    story = everything_told(county)
    told = matter(county)
    assert NAMED.disclosure is Disclosure.NAMED
    private = [told.title, told.description, told.address, NAMED.name, NAMED.phone, NAMED.address]
    taken = taken_everywhere(story)
    assert {one.parcel.channel for one in taken} == set(ChannelName)
    for one in taken:
        carried = f"{one.parcel.subject}\n{one.parcel.body}\n{one.parcel.items}\n{one.parcel.key}"
        assert [text for text in private if text and text in carried] == []


def test_what_is_carried_is_the_words_of_the_kind_with_its_facts(county: County) -> None:
    story = everything_told(county)
    words = book(story.now)
    single = [one for one in taken_everywhere(story) if one.parcel.bundle is Bundle.SINGLE]
    assert single
    for one in single:
        message = Message.objects.get(deliveries__pk=one.delivery_id)
        assert set(message.facts) <= kind_of(message.kind).facts
        expected = words.words(message.kind, message.colour, message.facts, language=message.language)
        assert (one.parcel.subject, one.parcel.body) == expected
        assert one.parcel.items in ((), (message.reference,))


@pytest.mark.parametrize("channel", ChannelName)
def test_nothing_of_a_sealed_case_leaves_the_house(county: County, channel: ChannelName) -> None:
    open_channel(channel)
    for user in county.users.values():
        add_address(user, channel)
    story = Story.begin(county, type="accusation")
    story.wait(days=60)
    story.sweep()
    assert Message.objects.exists()
    route(now=story.now, size=1000)
    assert claim(channel, now=story.now + timedelta(days=2), size=1000, lease=timedelta(hours=1)) == []
