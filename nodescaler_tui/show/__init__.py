"""Meet people: the screens are a function of State and send back only intents."""
