"""What people type as a webhook leads out or nowhere, never inside, and stays secret."""

import datetime as dt
import json
import logging
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core import sender

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SECRET = "/services/T0/B0/wholly-secret"  # the path that must not be told


class Listener:
    """A server on loopback that keeps what it was sent and answers `answer`."""

    def __init__(self, answer=OK, context=None):
        self.answer, self.context, self.heard = answer, context, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            try:
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                self.heard.append(connection.recv(65536))
                connection.sendall(self.answer)
            except OSError:
                self.heard.append(b"")
            finally:
                if self.answer:
                    connection.close()


@pytest.fixture
def listen(settings):
    settings.WEBHOOK_LOOPBACK = True
    made = []

    def start(*args):
        made.append(Listener(*args))
        return made[-1]

    yield start
    for one in made:
        one.socket.close()


def refusal(url):
    with pytest.raises(sender.NotSent) as caught:
        sender.post_json(url, {"text": "x"})
    assert "secret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/a\r\nHost: x",
        "https://hooks.example.com/#secret",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://hooks.example.com/" + "x" * 1024,
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://168.63.129.16/",
        "https://100.100.100.200/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://240.0.0.1/",
        "https://192.0.2.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:1::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
    ],
)
def test_it_refuses_for_good(url):
    with pytest.raises(sender.NotSent) as caught:
        sender.target(url)
    assert caught.value.is_final
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://hooks.slack.com/services/x?y=1", "hooks.slack.com", "/services/x?y=1"),
        ("https://Example.com.:8443", "example.com:8443", "/"),
        ("https://8.8.8.8/x", "8.8.8.8", "/x"),
        ("https://[2606:4700::1]/x", "[2606:4700::1]", "/x"),
        ("https://[::ffff:8.8.8.8]/x", "[::ffff:8.8.8.8]", "/x"),
    ],
)
def test_it_takes_what_everybody_may_reach(url, host, path):
    found = sender.target(url)
    assert (found.name, found.path) == (host, path)
    assert path == "/" or path not in repr(found)


def test_a_list_of_hosts_is_the_only_ones(settings):
    settings.WEBHOOK_HOSTS = ["hooks.slack.com"]
    assert sender.target("https://hooks.slack.com/x")
    for other in ("https://example.com/x", "https://hooks.slack.com.example.com/x"):
        with pytest.raises(sender.NotSent, match="Only hooks"):
            sender.target(other)


def test_it_sends_json_and_says_nothing_of_the_path(listen, caplog):
    caplog.set_level(logging.DEBUG)
    one = listen()
    sender.post_json(f"http://127.0.0.1:{one.port}{SECRET}", {"text": "é"})
    head, _, body = one.heard[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"text": "é"}
    assert head.startswith(f"POST {SECRET} HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\n".encode())
    assert "secret" not in caplog.text
    assert sender.shown(f"https://hooks.slack.com{SECRET}") == "https://hooks.slack.com/…"


@pytest.mark.parametrize(
    ("line", "final"),
    [
        ("301 Moved\r\nLocation: http://127.0.0.1:1/", True),
        ("307 Temporary\r\nLocation: http://127.0.0.1:1/", True),
        ("404 No", True),
        ("429 Slow", False),
        ("500 Oh", False),
    ],
)
def test_anything_but_success_is_not_sent(listen, line, final):
    one = listen(f"HTTP/1.1 {line}\r\n\r\nsecret".encode())
    error = refusal(f"http://127.0.0.1:{one.port}{SECRET}")
    assert error.is_final == final
    assert len(one.heard) == 1


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b"HTTP/1.1 ", b"x" * 9000])
def test_what_is_not_http_is_not_sent(listen, answer):
    one = listen(answer)
    assert "could not be reached" in str(refusal(f"http://127.0.0.1:{one.port}{SECRET}"))


def test_whoever_says_nothing_is_left_in_time(listen, monkeypatch):
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    one = listen(b"")
    assert "did not answer" in str(refusal(f"http://127.0.0.1:{one.port}{SECRET}"))


def test_a_name_is_resolved_once_and_any_inner_address_refuses(listen, settings, monkeypatch):
    """Whoever owns the name may answer another address each time, or two at once."""
    one, asked = listen(), []
    inner = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", one.port))]
    outer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", one.port))]

    def answers(host, *_args, **_more):
        asked.append(host)
        return outer + inner if len(asked) > 1 else inner

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    sender.post_json(f"http://rebound.example.com:{one.port}/", {})
    assert (len(asked), len(one.heard)) == (1, 1)
    # Plain http is for this machine alone; with https the inner address refuses all.
    assert "https" in str(refusal(f"http://rebound.example.com:{one.port}/"))
    settings.WEBHOOK_LOOPBACK = False
    assert "leads inside" in str(refusal(f"https://rebound.example.com:{one.port}/"))
    assert len(one.heard) == 1


def test_a_name_that_nobody_knows_may_be_known_later(monkeypatch):
    def fails(*_args, **_more):
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert not refusal("https://nowhere.example.com/").is_final


def test_a_certificate_that_nobody_vouches_for_hears_nothing(listen, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    at = dt.datetime(2026, 1, 1)  # noqa: DTZ001  # certificates are in UTC
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at)
        .not_valid_after(at + dt.timedelta(days=9999))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    both = tmp_path / "both.pem"
    form = serialization.PrivateFormat.PKCS8
    both.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, form, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    one = listen(OK, context)
    assert "certificate" in str(refusal(f"https://localhost:{one.port}{SECRET}"))
    assert not any(one.heard)
