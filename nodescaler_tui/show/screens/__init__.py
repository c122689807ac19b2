"""The screens: each arranges widgets and turns keys into intents."""
