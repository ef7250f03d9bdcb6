"""Radio bytes to samples: one module a sensor family, the BLE link and the sensor clock."""
