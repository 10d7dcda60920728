"""The pages people look at; they ask ``monitor.service.read`` and compute nothing."""
