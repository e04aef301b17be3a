"""An embedded service that speaks Amazon's protocols on loopback and really does the work."""
