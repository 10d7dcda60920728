"""Any window against any other, in its pieces: what is chosen, the chart, the numbers, the files to take away."""
