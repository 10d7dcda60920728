"""Relevance measures of ranked lists, request by request."""


def measures(query, place, relevance, queries, k):  # placeholder until it lands
    raise NotImplementedError
