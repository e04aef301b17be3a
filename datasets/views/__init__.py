"""Pages: `looking` (list, dataset), `uploading`, `preparing` (the form), `preparations`."""
