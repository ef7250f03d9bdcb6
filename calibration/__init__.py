"""From a box strapped on somehow to a limb: device calibration and sensor-to-segment alignment."""
