"""HTTP as it comes in and goes out. No other room knows of environ, headers or status lines."""
