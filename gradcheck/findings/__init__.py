"""What a failure leaves behind: its case as data, and its diagram."""
