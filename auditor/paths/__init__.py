"""Sources of a cluster, routing, hubs and the join of filters along the way."""
