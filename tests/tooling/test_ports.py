import socket

from core.up import ports


def test_it_remembers_a_port(tmp_path):
    first = ports.claim(tmp_path, "localaws")
    assert ports.claim(tmp_path, "localaws") == first
    assert ports.claim(tmp_path, "valkey") != first


def test_it_takes_another_port_when_somebody_has_the_remembered_one(tmp_path):
    first = ports.claim(tmp_path, "localaws")
    with socket.create_server(("127.0.0.1", first)):
        second = ports.claim(tmp_path, "localaws")
        assert second != first
    assert ports.claim(tmp_path, "localaws") == second


def test_it_sees_whether_a_port_is_free(free_port):
    assert ports.is_free(free_port)
    with socket.create_server(("127.0.0.1", free_port)):
        assert not ports.is_free(free_port)
