import io

from core.up.console import Console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_it_names_the_process_in_front_of_its_line():
    stream = io.StringIO()
    Console(stream).line("web", "hello\n")
    assert stream.getvalue() == "web      | hello\n"


def test_it_colours_only_a_terminal():
    terminal = Terminal()
    Console(terminal).line("web", "hello")
    assert terminal.getvalue() == "\x1b[36mweb      |\x1b[0m hello\n"


def test_it_never_prints_a_secret():
    stream = io.StringIO()
    console = Console(stream)
    console.hide("hush", "")
    console.line("worker", "connected to redis://:hush@127.0.0.1")
    assert stream.getvalue() == "worker   | connected to redis://:***@127.0.0.1\n"
