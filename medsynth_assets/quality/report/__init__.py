"""An HTML page of checked pairs."""
