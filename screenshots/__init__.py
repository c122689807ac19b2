"""The pictures of every screen, and the program that takes them from a story on the simulator."""
