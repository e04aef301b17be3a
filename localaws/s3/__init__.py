"""S3, path style: rows name objects, random file names hold their bytes."""
