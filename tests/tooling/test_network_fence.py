import socket

import pytest
from pytest_socket import SocketConnectBlockedError


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_it_refuses_every_host_but_this_machine():
    # 192.0.2.0/24 is reserved for documentation: nothing could answer there anyway.
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))


def test_it_lets_loopback_through(free_port):
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", free_port)) != 0
