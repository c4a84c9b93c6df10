"""The schedule of requests and the loop that sends them."""
