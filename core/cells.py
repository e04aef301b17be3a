"""Cells of tables that leave the console for a spreadsheet."""

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(cell: str) -> str:
    """`cell` so that a spreadsheet shows it instead of running it; numbers stay numbers.

    OWASP's rule for CSV injection: a leading apostrophe before a formula's first character.
    """
    if not cell.startswith(ACTIVE):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
