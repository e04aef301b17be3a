"""Open pages hold no database connection: a stream asks once and lets go."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import RequestFactory

from core import access, events, views

pytestmark = pytest.mark.postgres


@pytest.mark.django_db(transaction=True)
def test_an_open_stream_holds_no_connection(stack, member):
    request = RequestFactory().get("/events?topic=jobs")
    request.actor = access.actor(member)
    events.hub = events.Hub()

    async def open_page():
        response = await views.live_events(request)
        stream = aiter(response.streaming_content)
        assert (await anext(stream)).startswith(b"retry")
        assert b'"*"' in await asyncio.wait_for(anext(stream), 5)
        held = await sync_to_async(lambda: connection.connection)()
        await stream.aclose()
        return held

    assert asyncio.run(open_page()) is None
