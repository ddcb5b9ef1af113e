"""Screens on top of screens: at most one deep, and `esc` always goes back."""
