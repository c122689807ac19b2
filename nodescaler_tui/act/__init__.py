"""Change the world, once: the operation, the webhook, its receivers, its verification."""
