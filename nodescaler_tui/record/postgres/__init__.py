"""A team's shared store on PostgreSQL. It needs the extra `postgres`, and is imported only where a store is named."""
