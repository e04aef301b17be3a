"""Notes of people on a job or an experiment: no writer overwrites what they have not seen."""

from core import audit
from core.access import Actor
from core.errors import UserError
from core.markdown import LIMIT
from jobs.errors import NotesChanged
from jobs.models import Experiment, TrainingJob


def save(who: Actor, row: Experiment | TrainingJob, text: str, *, seen: str) -> str:
    """Replace the notes that the writer saw; what is kept now. Repeatable.

    NotesChanged, with the present ones, when they are no longer `seen`; UserError when too long.
    """
    text, seen = _plain(text), _plain(seen)
    if len(text) > LIMIT:
        raise UserError(f"Notes have at most {LIMIT:,} characters.", field="notes")
    rows = type(row)._default_manager.filter(pk=row.pk)
    row.notes = rows.values_list("notes", flat=True).get()
    if row.notes == text:
        return text
    # The filter decides between writers who both passed the check.
    if row.notes != seen or not rows.filter(notes=row.notes).update(notes=text):
        raise NotesChanged(rows.values_list("notes", flat=True).get())
    row.notes = text
    audit.note(who, "notes.change", row)
    return text


def _plain(text: str) -> str:
    """As it is kept, whatever a form made of its ends of lines."""
    return text.replace("\r\n", "\n").strip()
