"""Blocks of rows as the bytes that an algorithm reads: one module a format, all in the registry."""
