"""The sensor, simulated: leg motion with ground truth, IMU errors, wire encoders, a virtual BLE peripheral."""

from __future__ import annotations

from firmware_sim.scenario import Activity, Scenario, ScenarioError
from firmware_sim.simulation import Simulation, simulate, simulate_pair, write_csv, write_truth
from firmware_sim.suites import form_suite, idle_suite, suite
from firmware_sim.truth import RepTruth, Truth

__all__ = [
    "Activity",
    "RepTruth",
    "Scenario",
    "ScenarioError",
    "Simulation",
    "Truth",
    "form_suite",
    "idle_suite",
    "simulate",
    "simulate_pair",
    "suite",
    "write_csv",
    "write_truth",
]
