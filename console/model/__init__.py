"""Pure data and arithmetic: no input or output, no Textual, no clock of its own."""
