"""Publish the vehicles to an MQTT broker, with discovery for Home Assistant; imported only where it is on."""
