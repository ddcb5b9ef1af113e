"""The bundled demo model: what it draws, how it is trained, and how well it draws."""
