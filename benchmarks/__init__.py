"""What is measured, against what, and how to repeat it; ``store`` writes the posts to measure with."""
