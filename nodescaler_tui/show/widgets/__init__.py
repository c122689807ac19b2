"""The widgets: each draws one part of State."""
