"""What pictures are made of: colours, shapes, fonts, laid-out text. Knows no URL and no HTTP."""
