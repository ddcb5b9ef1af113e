"""What keeps true what is said of costs."""
