"""What people and machines read: frozen records, in a bounded number of queries however many models there are."""
