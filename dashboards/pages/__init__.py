"""The pages; each module with a PATH is one."""
