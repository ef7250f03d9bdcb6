/* The sensor's side of the kneeimu sensor profile, version 1 (docs/sensor-profile.md).
 *
 * Portable C99: no allocation, no operating system, no radio. It builds packets, obeys the control point and gives the
 * state; the sketch around it reads the motion chip and hands the bytes to the Bluetooth stack.
 */
#ifndef KNEEIMU_PROFILE_H
#define KNEEIMU_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KNEEIMU_SERVICE_UUID "7e1a0001-5c3d-4c5e-9a6e-6b6e65696d75"
#define KNEEIMU_DATA_UUID "7e1a0002-5c3d-4c5e-9a6e-6b6e65696d75"
#define KNEEIMU_CONTROL_UUID "7e1a0003-5c3d-4c5e-9a6e-6b6e65696d75"
#define KNEEIMU_STATE_UUID "7e1a0004-5c3d-4c5e-9a6e-6b6e65696d75"

#define KNEEIMU_VERSION 1
#define KNEEIMU_MAX_SAMPLES 40
#define KNEEIMU_MAX_HOLD_MS 80
#define KNEEIMU_MAX_PACKET (10 + 12 * KNEEIMU_MAX_SAMPLES)
#define KNEEIMU_MAX_REPLY 9
#define KNEEIMU_STATE_SIZE 14

enum kneeimu_command { KNEEIMU_STOP = 0, KNEEIMU_START = 1, KNEEIMU_SET_RATE = 2, KNEEIMU_SET_RANGE = 3 };

enum kneeimu_status {
  KNEEIMU_DONE = 0,
  KNEEIMU_UNKNOWN_COMMAND = 1,
  KNEEIMU_WRONG_LENGTH = 2,
  KNEEIMU_OUT_OF_REACH = 3,
  KNEEIMU_NOT_NOW = 4,
  KNEEIMU_NOBODY_LISTENS = 5,
  KNEEIMU_CHIP_SILENT = 6,
  KNEEIMU_BATTERY_LOW = 7
};

/* One sample: ax ay az gx gy gz, each value / 32768 of its range. */
typedef struct {
  int16_t value[6];
} kneeimu_sample;

/* What the sensor has been told. Fill in the first four once; the rest is kept by kneeimu_control. */
typedef struct {
  const uint32_t *rates_mhz; /* the rates of the motion chip, ascending, mHz (99.84 Hz is 99840) */
  size_t n_rates;
  uint32_t rate_mhz;
  uint8_t fault; /* a status that start answers instead of starting; 0 for none */
  uint8_t acc_range_g;
  uint16_t gyr_range_dps;
  bool running;
  uint32_t unsent; /* samples taken but not sent since the start */
} kneeimu_sensor;

/* A sensor at its highest ranges and the given rate, which must be one of rates_mhz. */
void kneeimu_init(kneeimu_sensor *sensor, const uint32_t *rates_mhz, size_t n_rates, uint32_t rate_mhz);

/* How many samples to put into a packet: what fits the MTU and waits no longer than 80 ms. */
size_t kneeimu_samples_per_packet(uint16_t att_mtu, uint32_t rate_mhz);

/* A measured value as a share of its range, rounded; saturates. Both in the same unit, g or deg/s. */
int16_t kneeimu_quantise(float value, float range);

/* Build a packet of n samples (1 to 40) in out, which must have room for 20 or 10 + 12 n bytes; gives its length, or 0
 * when n is out of range. seq is the number of the first sample since the start, time_us the clock at it. */
size_t kneeimu_encode(const kneeimu_sensor *sensor, const kneeimu_sample *samples, size_t n, uint16_t seq,
                      uint32_t time_us, uint16_t period_us, uint8_t *out);

/* Obey what was written to the control point; gives the length of the reply to indicate. */
size_t kneeimu_control(kneeimu_sensor *sensor, const uint8_t *command, size_t length, bool data_subscribed,
                       uint8_t reply[KNEEIMU_MAX_REPLY]);

/* The bytes of the state characteristic. */
void kneeimu_state(const kneeimu_sensor *sensor, uint8_t out[KNEEIMU_STATE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
