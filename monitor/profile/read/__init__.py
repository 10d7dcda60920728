"""Reading the parts of a profile back as the views that metrics take."""
