"""What the vehicles reported, what they are doing and what needs attention; knows no HTTP and no output."""
