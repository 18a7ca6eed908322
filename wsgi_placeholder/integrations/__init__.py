"""One module per framework: each turns its way of configuring into the keywords of `Config`."""
