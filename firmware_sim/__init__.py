"""The sensor, simulated: leg motion with ground truth, IMU errors, wire encoders, a virtual BLE peripheral."""
