"""Windows: entered when due, leased, computed, judged again when rows came late."""
