"""Frozen records of Azure resources, the Estate that joins them, and the records that flow both ways."""
