"""A Better Routeplanner: sends fresh telemetry of the cars to Iternio's Telemetry API.

Imported only where `abrp` is set.
"""
