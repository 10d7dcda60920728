"""The tabs of a model's page: each draws one subject, by what the store tells of it."""
