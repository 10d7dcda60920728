"""How right was the model, now that ground truth is there? One metric, one file."""
