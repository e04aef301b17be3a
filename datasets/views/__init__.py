"""Pages: `looking` (list, dataset), `uploading`, `preparing`."""
